/** An open SQLite file, whatever library it is opened with. */
import type { ColumnValue } from '../../base/index.js';
import type { ResultRow } from '../sql/queries.js';

/** `create` makes the file where it is missing, which SQLite in memory needs. */
export type OpenMode = 'read' | 'write' | 'create';

export interface SqliteStatement {
  run(values: readonly ColumnValue[]): Promise<void>;
  finalize(): void;
}

/** Calls are carried out in order. Errors have SQLite's names as `code` (SQLITE_BUSY). */
export interface SqliteDatabase {
  execute(sql: string): Promise<void>;
  /** Resolves with the number of rows that it changed. */
  run(sql: string, values: readonly ColumnValue[]): Promise<number>;
  all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]>;
  prepare(sql: string): Promise<SqliteStatement>;
  interrupt(): void;
  close(): Promise<void>;
}

/** Opens a path, or a file: URI. */
export type OpenSqlite = (path: string, mode: OpenMode) => Promise<SqliteDatabase>;

/** Milliseconds to wait for another process's write. */
export const BUSY_MS = 5000;
