/**
 * SQLite by the sqlite3 package or, where that is not installed or could not be built, by Node's own node:sqlite in a
 * thread; both behave alike. SIPCAP_SQLITE=package or builtin chooses one.
 */
import { UsageError, type ColumnValue } from '../../base/index.js';
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
const BUILTIN_SINCE = [22, 13];

export async function sqliteBinding(choice = process.env.SIPCAP_SQLITE ?? ''): Promise<OpenSqlite> {
  let why = '';
  if (choice !== 'builtin') {
    try {
      return (await import('./package-binding.js')).openWithPackage;
    } catch (error) {
      why = (error as Error).message.split('\n')[0];
    }
  }
  if (choice !== 'package' && hasBuiltin(process.versions.node)) return (await import('./builtin-binding.js')).openBuiltin;
  throw new UsageError(
    `SQLite is not available: ${why === '' ? '' : `the package sqlite3 cannot be loaded (${why}), and `}Node.js ${process.versions.node} has no node:sqlite
run npm rebuild sqlite3 (it needs a C++ compiler and python3), or use Node.js 22.13 or newer; other databases need neither`,
  );
}

export function hasBuiltin(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major > BUILTIN_SINCE[0] || (major === BUILTIN_SINCE[0] && minor >= BUILTIN_SINCE[1]);
}
