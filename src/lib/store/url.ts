/** `db_url` as people write it: which database, and where. */
import { UsageError } from '../base/index.js';
import { shownUrl, type DatabaseHost, type DatabaseUrl } from './database-url.js';
import { ENGINES } from './engines.js';

const EXAMPLES = ENGINES.map(({ example }) => example);
const EXPECTED = `expected ${EXAMPLES.slice(0, -1).join(', ')} or ${EXAMPLES[EXAMPLES.length - 1]}`;
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
  'port',
  'target_session_attrs',
  'shape',
];
const SESSION_KINDS = ['any', 'read-write', 'primary'];
/** scheme://user:password@host:port,host:port/database?parameters; a password may contain any character except its delimiter. */
const SERVER = /^[a-z0-9_+]+:\/\/(?:([^:@/]*)(?::(.*))?@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/i;
const HOST = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d+))?$/;

export function parseDatabaseUrl(text: string): DatabaseUrl {
  const scheme = /^([a-z0-9_+]+):/i.exec(text)?.[1].toLowerCase() ?? '';
  const engine = ENGINES.find(({ schemes }) => schemes.includes(scheme));
  const shown = shownUrl(text);
  if (engine === undefined) {
    const what = scheme === '' ? `invalid database URL '${shown}'` : `unsupported database '${scheme}'`;
    throw new UsageError(`${what}: ${EXPECTED}`);
  }
  if (engine.defaultPort === 0) return fileUrl(engine.kind, text.slice(scheme.length + 1), shown, scheme);
  const match = SERVER.exec(text);
  if (match === null) throw new UsageError(`invalid database URL '${shown}': ${EXPECTED}`);
  const { host = '', port, ...parameters } = parametersOf(match[5] ?? '', shown);
  const isTls = engine.tlsScheme !== undefined && engine.tlsScheme.name === scheme;
  const defaultPort = port === undefined ? (isTls ? engine.tlsScheme!.port : engine.defaultPort) : portOf(port, shown);
  const isSocket = host.startsWith('/');
  const places = host === '' || isSocket ? match[3] : host;
  if (places.includes(';') && !engine.isSharded)
    throw new UsageError(
      `database URL '${shown}': ';' separates shards, which ${engine.title} does not have; use ',' between servers with the same data`,
    );
  const shards = places.split(';').map((shard) => shard.split(',').map((place) => hostOf(place, defaultPort, shown)));
  const database = decoded(match[4] ?? '', shown);
  if (database === '') throw new UsageError(`database URL '${shown}' names no database: ${EXPECTED}`);
  const socket = parameters.socket ?? parameters.socketPath ?? (isSocket ? host : '');
  return {
    kind: engine.kind,
    path: '',
    hosts: shards[0],
    shards,
    socket,
    user: decoded(match[1] ?? '', shown),
    password: decoded(match[2] ?? '', shown),
    database,
    parameters: isTls && parameters.sslmode === undefined ? { ...parameters, sslmode: 'verify-full' } : parameters,
    shown,
  };
}

/** The URL with the shards where its hosts would be, which it must not have: each shard a list of places with the same data. */
export function withShards(text: string, shards: readonly (readonly string[])[]): string {
  if (shards.length === 0) return text;
  const match = SERVER.exec(text);
  const shown = text === '' ? 'no database URL' : `database URL '${shownUrl(text)}'`;
  if (match === null || match[3] !== '')
    throw new UsageError(`${shown} cannot have shards added: expected clickhouse://user:password@/database, without servers`);
  const at =
    text.indexOf('://') + 3 + (match[1] === undefined ? 0 : match[1].length + (match[2] === undefined ? 0 : match[2].length + 1) + 1);
  const url = `${text.slice(0, at)}${shards.map((places) => places.join(',')).join(';')}${text.slice(at)}`;
  parseDatabaseUrl(url);
  return url;
}

function hostOf(text: string, defaultPort: number, shown: string): DatabaseHost {
  const match = HOST.exec(text);
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  if (match === null || port > 65_535) throw new UsageError(`invalid database URL '${shown}': ${EXPECTED}`);
  return { host: match[1].replace(/^\[|\]$/g, '') || 'localhost', port };
}

function portOf(text: string, shown: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`invalid port '${text}' in database URL '${shown}': expected 1 to 65535`);
  return port;
}

/** sqlite:rel/path, sqlite:/abs/path and the forms with two more slashes are all understood. */
function fileUrl(kind: DatabaseUrl['kind'], rest: string, shown: string, scheme: string): DatabaseUrl {
  const path = rest.replace(/^\/\/(?=\/|[^/])/, '');
  if (path === '') throw new UsageError(`database URL '${scheme}:' names no file: expected ${scheme}:PATH`);
  return { kind, path, hosts: [], shards: [], socket: '', user: '', password: '', database: '', parameters: {}, shown };
}

/** An unknown parameter may have been meant for security: never ignored. */
function parametersOf(text: string, shown: string): Record<string, string> {
  const parameters = Object.fromEntries(new URLSearchParams(text));
  const unknown = Object.keys(parameters).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`unknown parameter '${unknown}' in database URL '${shown}': expected ${PARAMETERS.join(', ')}`);
  const { target_session_attrs: kind } = parameters;
  if (kind !== undefined && !SESSION_KINDS.includes(kind))
    throw new UsageError(`invalid target_session_attrs '${kind}' in database URL '${shown}': expected ${SESSION_KINDS.join(', ')}`);
  return parameters;
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`invalid database URL '${shown}': % must be followed by two hexadecimal digits (write %25 for a % itself)`);
  }
}
