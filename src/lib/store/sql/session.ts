/** One connection to a database: what an engine's driver file provides. */
import type { ColumnValue, Counters, StreamState, TableRows } from '../../base/index.js';
import type { Dialect } from './dialect.js';
import type { DatabaseFault } from './faults.js';
import type { Queries, ResultRow } from './queries.js';
import type { Target } from './target.js';

/** A column of a result, by the database's own name for its type. */
export interface SelectedColumn {
  name: string;
  type: string;
}

export interface Session extends Queries {
  readonly dialect: Dialect;
  /** Several questions at once are answered sooner than one after the other. */
  readonly isConcurrent?: boolean;
  /** Its place in a cluster, by the macros of the server's configuration. */
  readonly macros?: Readonly<Record<string, string>>;
  /** Settings of the connection; called once, before anything else. */
  start(): Promise<void>;
  /** False once the connection is of no more use: a new one is needed. */
  alive(): Promise<boolean>;
  /** What to say where `alive` was false and it is not the server's doing: absent, or '' until then. */
  readonly gone?: string;
  /** Completes what it leaves where it is not `alive` any more; false while it cannot, and has to be kept. */
  left?(): Promise<boolean>;
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
  /**
   * Engines without transactions recognise rows by the identity of their messages, however often they are written. Positions are
   * stored with this, after the rows.
   */
  storePositions?(streams: readonly StreamState[]): Promise<void>;
  /** Times of some rows, `d` as text and `m` microseconds or 0, among them the first and the last; absent where sorting finds them. */
  ends?(table: string, date: string, micros: string): Promise<ResultRow[]>;
  /** The word before the conditions of a search in this table; WHERE where absent. */
  filterOf?(table: string): Promise<string>;
  /** How the server would execute a query, a line each. */
  plan?(sql: string, values: readonly ColumnValue[]): Promise<string[]>;
  /** Engines that sort and send any number of rows in bounded memory. `columns` are all that is selected. */
  stream?(sql: string, values: readonly ColumnValue[], columns?: readonly SelectedColumn[]): AsyncGenerator<ResultRow[]>;
  faultOf(error: unknown): DatabaseFault;
  /** Terminates it while an operation hangs. */
  abort(): void;
  close(): Promise<void>;
}
