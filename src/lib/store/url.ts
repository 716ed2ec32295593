/** `db_url`: which database, and where; the password is taken out before anything is shown. */
import { UsageError } from '../base/index.js';

export type DatabaseKind = 'sqlite' | 'mysql' | 'postgresql';

export interface DatabaseUrl {
  kind: DatabaseKind;
  /** Path of an SQLite file; '' for servers. */
  path: string;
  /** Where the server is: host and port, or the path of its socket ('' where none is named). */
  host: string;
  port: number;
  socket: string;
  user: string;
  password: string;
  database: string;
  /** What stands behind the question mark. */
  parameters: Readonly<Record<string, string>>;
  /** The URL as given, but for its password. */
  shown: string;
}

const WORKING = 'sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database';
const KINDS: Readonly<Record<string, DatabaseKind>> = {
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  mysql: 'mysql',
  mariadb: 'mysql',
  postgres: 'postgresql',
  postgresql: 'postgresql',
};
const PARAMETERS = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'ssl',
  'ssl-mode',
  'ssl-ca',
  'ssl-cert',
  'ssl-key',
  'socket',
  'socketPath',
  'host',
];
const PORTS: Readonly<Record<DatabaseKind, number>> = { sqlite: 0, mysql: 3306, postgresql: 5432 };
/** scheme://user:password@host:port/database?parameters; a password may hold any character but what ends it. */
const SERVER = /^[a-z0-9_+]+:\/\/(?:([^:@/]*)(?::(.*))?@)?(\[[^\]]*\]|[^:/?@]*)(?::(\d+))?(?:\/([^?]*))?(?:\?(.*))?$/i;

export function parseDatabaseUrl(text: string): DatabaseUrl {
  const scheme = /^([a-z0-9_+]+):/i.exec(text)?.[1].toLowerCase() ?? '';
  const kind = KINDS[scheme];
  const shown = shownUrl(text);
  if (kind === undefined) {
    const what = scheme === '' ? `'${shown}' is no database URL` : `databases of the kind '${scheme}' are not supported`;
    throw new UsageError(`${what}: write ${WORKING}`);
  }
  if (kind === 'sqlite') return sqliteUrl(text.slice(scheme.length + 1), shown);
  const match = SERVER.exec(text);
  const port = match?.[4] === undefined ? PORTS[kind] : Number(match[4]);
  if (match === null || port > 65_535) throw new UsageError(`'${shown}' is no database URL: write ${WORKING}`);
  const parameters = parametersOf(match[6] ?? '');
  // What is not known may have been meant to protect: never passed over.
  const unknown = Object.keys(parameters).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`'${shown}': '${unknown}' is not known behind the question mark: ${PARAMETERS.join(', ')} are`);
  const database = decoded(match[5] ?? '', shown);
  if (database === '') throw new UsageError(`'${shown}' names no database: write ${WORKING}`);
  const socket = parameters.socket ?? parameters.socketPath ?? (parameters.host?.startsWith('/') ? parameters.host : '');
  return {
    kind,
    path: '',
    host: match[3].replace(/^\[|\]$/g, '') || 'localhost',
    port,
    socket,
    user: decoded(match[1] ?? '', shown),
    password: decoded(match[2] ?? '', shown),
    database,
    parameters,
    shown,
  };
}

/** Takes the password out of `scheme://user:password@…` and of `password=…` parameters. */
export function shownUrl(text: string): string {
  return text.replace(/(:\/\/[^:@/]*):.*@/, '$1:***@').replace(/([?&](?:password|passwd|pwd)=)[^&]*/gi, '$1***');
}

/** sqlite:rel/path, sqlite:/abs/path and the forms with two more slashes are all understood. */
function sqliteUrl(rest: string, shown: string): DatabaseUrl {
  const path = rest.replace(/^\/\/(?=\/|[^/])/, '');
  if (path === '') throw new UsageError('sqlite: needs the path of a file: sqlite:PATH');
  return { kind: 'sqlite', path, host: '', port: 0, socket: '', user: '', password: '', database: '', parameters: {}, shown };
}

function parametersOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`'${shown}': a % must be followed by two hexadecimal digits (write %25 for a % itself)`);
  }
}
