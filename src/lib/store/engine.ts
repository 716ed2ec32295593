/** One database engine as a value: its URL, what it can do, its SQL, and how to connect. Adding one is adding a value to engines.ts. */
import type { RowPacker } from '../base/index.js';
import type { DatabaseHost, DatabaseKind, DatabaseUrl } from './database-url.js';
import type { Dialect } from './sql/dialect.js';
import type { Session } from './sql/session.js';

/**
 * `create`: for writing; missing parts are created. `write`: for writing, but the database must exist. `read`: nothing is
 * created or changed, and SELECT permission is enough.
 */
export type Access = 'create' | 'write' | 'read';

export interface Engine {
  kind: DatabaseKind;
  /** Its name in messages. */
  title: string;
  /** Schemes of its URLs. */
  schemes: readonly string[];
  /** A URL as an example. */
  example: string;
  /** 0 for files. */
  defaultPort: number;
  /** Type of a column with a time zone, null if there is none. */
  zonedTime: string | null;
  /** Whether its URLs may name several shards. */
  isSharded?: boolean;
  /** A scheme of its URLs that stands for TLS, with that default port. */
  tlsScheme?: { name: string; port: number };
  /** Rows carry the identity of their message. */
  isIdentified?: boolean;
  /** Larger batches than usual: maximum rows, payload bytes and age in milliseconds. */
  batches?: { rows: number; bytes: number; ageMs: number };
  /** Connections that can write concurrently without waiting for each other. */
  writers: number;
  /** Rows are turned into bytes when they are added to a batch. */
  packer?(): RowPacker;
  dialect: Dialect;
  /** Loads the client and connects; `host` is null for files and sockets. */
  connect(url: DatabaseUrl, host: DatabaseHost | null, access: Access): Promise<Session>;
}
