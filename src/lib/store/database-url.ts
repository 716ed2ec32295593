/** A parsed `db_url`; the password is taken out before anything is shown. */
export type DatabaseKind = 'sqlite' | 'mysql' | 'postgresql' | 'clickhouse';

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
  /** Groups of such servers, each group with a part of the messages; `hosts` is the first. One group for engines without shards. */
  shards: readonly (readonly DatabaseHost[])[];
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

/** The URL of each shard, its hosts being those that hold the same data. */
export function shardUrls(url: DatabaseUrl): DatabaseUrl[] {
  if (url.shards.length < 2) return [url];
  return url.shards.map((hosts) => ({ ...url, hosts, shards: [hosts], shown: `${url.shown} (shard ${shardName(hosts)})` }));
}

/** A shard is named by its first host; '' for files. */
export function shardName([first]: readonly DatabaseHost[]): string {
  return first === undefined ? '' : `${first.host}:${first.port}`;
}

/** The URL of each of its servers. */
export function serverUrls(url: DatabaseUrl): DatabaseUrl[] {
  return url.shards.flat().map((host) => ({ ...url, hosts: [host], shards: [[host]], shown: `${url.shown} (${shardName([host])})` }));
}

/** Removes the password from `scheme://user:password@…` and of `password=…` parameters. */
export function shownUrl(text: string): string {
  return text.replace(/(:\/\/[^:@/]*):.*@/, '$1:***@').replace(/([?&](?:password|passwd|pwd)=)[^&]*/gi, '$1***');
}
