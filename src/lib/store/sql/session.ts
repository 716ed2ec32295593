/** One connection to a database: what an engine's driver file provides. */
import type { Counters, TableRows } from '../../base/index.js';
import type { Dialect } from './dialect.js';
import type { DatabaseFault } from './faults.js';
import type { Queries } from './queries.js';
import type { Target } from './target.js';

export interface Session extends Queries {
  readonly dialect: Dialect;
  /** Settings of the connection; called once, before anything else. */
  start(): Promise<void>;
  /** False once the connection is of no more use: a new one is needed. */
  alive(): Promise<boolean>;
  /** False on a read-only server. */
  writable(): Promise<boolean>;
  /** The name under which a table is (or would be) found. */
  tableNamed(table: string): Promise<string>;
  /** Whether writing to the table can be undone. */
  transactional(table: string): Promise<boolean>;
  /** One past the last row that one `insert` should take. */
  stepEnd(target: Target, rows: TableRows, from: number): number;
  /** All of these rows or none; the transaction continues either way. */
  insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void>;
  faultOf(error: unknown): DatabaseFault;
  /** Terminates it while an operation hangs. */
  abort(): void;
  close(): Promise<void>;
}
