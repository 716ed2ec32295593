/** The categories of SQLite errors. */
import { RowFault, type DatabaseFault } from '../sql/faults.js';

const ROW = ['SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'];
const UNKNOWN = ['SQLITE_ERROR', 'SQLITE_INTERNAL', 'SQLITE_RANGE', 'SQLITE_MISUSE'];

export function sqliteFault(error: unknown): DatabaseFault {
  if (error instanceof RowFault) return 'row';
  const { code, message = '' } = error as NodeJS.ErrnoException;
  if (code === undefined) return 'unknown';
  if (ROW.includes(code)) return 'row';
  if (code === 'SQLITE_SCHEMA' || /no such (table|column)|has no column|has \d+ columns/.test(message)) return 'schema';
  return UNKNOWN.includes(code) ? 'unknown' : 'server';
}
