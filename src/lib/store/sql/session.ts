/** One connection to a database: what a driver file provides, and all that differs between them at run time. */
import type { ColumnValue, Counters, TableRows } from '../../base/index.js';
import type { Dialect } from './dialect.js';
import type { TableColumn } from './table-column.js';
import type { Target } from './target.js';

export type ResultRow = Record<string, unknown>;

export interface Session {
  readonly dialect: Dialect;
  /** Settings of the connection; asked once, before anything else. */
  start(): Promise<void>;
  /** False once nothing more can be asked of it. */
  alive(): Promise<boolean>;
  /** Statements without values or answers. */
  execute(sql: string): Promise<void>;
  /** One statement with `?` for its values; answers how many rows it changed. */
  run(sql: string, values: readonly ColumnValue[]): Promise<number>;
  all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]>;
  /** The columns of a table, none where there is no such table. */
  columns(table: string): Promise<TableColumn[]>;
  /** The name under which a table is (or would be) found. */
  tableNamed(table: string): Promise<string>;
  /** Whether writing to the table can be undone. */
  transactional(table: string): Promise<boolean>;
  /** One past the last row that one `insert` should take. */
  stepEnd(target: Target, rows: TableRows, from: number): number;
  /** All of these rows or none; the transaction goes on either way. */
  insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void>;
  /** True where a row's own values caused the error; anything else concerns the database. */
  isRowFault(error: unknown): boolean;
  /** Ends it from outside while something hangs. */
  abort(): void;
  close(): Promise<void>;
}
