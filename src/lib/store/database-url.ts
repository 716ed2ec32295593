/** A parsed `db_url`; the password is taken out before anything is shown. */
export type DatabaseKind = 'sqlite' | 'mysql' | 'postgresql';

export interface DatabaseHost {
  host: string;
  port: number;
}

export interface DatabaseUrl {
  kind: DatabaseKind;
  /** Path of an SQLite file; '' for servers. */
  path: string;
  /** Servers that hold the same data, tried in turn; at least one unless the database is a file. */
  hosts: readonly DatabaseHost[];
  /** Path of the server's socket, which replaces the hosts; '' for none. */
  socket: string;
  user: string;
  password: string;
  database: string;
  /** Parameters after the question mark. */
  parameters: Readonly<Record<string, string>>;
  /** The URL as given, without its password. */
  shown: string;
}

/** Removes the password from `scheme://user:password@…` and of `password=…` parameters. */
export function shownUrl(text: string): string {
  return text.replace(/(:\/\/[^:@/]*):.*@/, '$1:***@').replace(/([?&](?:password|passwd|pwd)=)[^&]*/gi, '$1***');
}
