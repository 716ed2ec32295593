/** `db_url`: which database, where. A password is taken out before anything is shown. */
import { UsageError } from '../base/index.js';

export type DatabaseKind = 'sqlite' | 'mysql' | 'postgresql';

export interface DatabaseUrl {
  kind: DatabaseKind;
  /** Path of an SQLite file; '' for servers. */
  path: string;
  /** The URL as given, for the client; never to be shown. */
  url: string;
  /** The same without its password. */
  shown: string;
}

const WORKING = 'sqlite:PATH, mysql://user:password@host/database or postgres://user:password@host/database';
const KINDS: Readonly<Record<string, DatabaseKind>> = {
  sqlite: 'sqlite', sqlite3: 'sqlite', mysql: 'mysql', mariadb: 'mysql', postgres: 'postgresql', postgresql: 'postgresql',
};

export function parseDatabaseUrl(text: string): DatabaseUrl {
  const scheme = /^([a-z0-9_+]+):/i.exec(text)?.[1].toLowerCase() ?? '';
  const kind = KINDS[scheme];
  if (kind === undefined) {
    const what = scheme === '' ? `'${shownUrl(text)}' is no database URL` : `databases of the kind '${scheme}' are not supported`;
    throw new UsageError(`${what}: write ${WORKING}`);
  }
  if (kind !== 'sqlite') return { kind, path: '', url: text, shown: shownUrl(text) };
  // sqlite:rel/path, sqlite:/abs/path and the URL forms with two more slashes are all understood.
  const path = text.slice(scheme.length + 1).replace(/^\/\/(?=\/|[^/])/, '');
  if (path === '') throw new UsageError('sqlite: needs the path of a file: sqlite:PATH');
  return { kind, path, url: text, shown: text };
}

/** Takes the password out of `scheme://user:password@…` and of `password=…` parameters. */
export function shownUrl(text: string): string {
  return text.replace(/(:\/\/[^:@/]*):.*@/, '$1:***@').replace(/([?&](?:password|passwd|pwd)=)[^&]*/gi, '$1***');
}
