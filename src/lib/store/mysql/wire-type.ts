/** The types in which values are sent in the binary protocol of MySQL and MariaDB; the second byte is for flags. */
import type { ColumnValue } from '../../base/index.js';
import type { TableColumn } from '../sql/table-column.js';

export const LONG = 0x03;
export const DOUBLE = 0x05;
export const LONGLONG = 0x08;
export const BLOB = 0xfc;
export const TEXT = 0xfd;
export const UNSIGNED = 0x8000;

/** Integers up to it are sent in four bytes. */
export const MAX_INT4 = 2 ** 32 - 1;

/** The type of a value of that column, 0 for NULL; the same before and after the value is made to fit. */
export function wireType(value: ColumnValue, column: TableColumn): number {
  if (value === null) return 0;
  if (column.kind === 'text') return TEXT;
  if (column.kind === 'bytes') return BLOB;
  if (typeof value === 'string') return TEXT;
  if (typeof value === 'object') return BLOB;
  if (column.kind !== 'integer') return DOUBLE;
  const { min, max } = column;
  const fitting = value >= min && value <= max ? value : value < min ? min : max;
  if (!Number.isSafeInteger(fitting)) return DOUBLE;
  return (max <= MAX_INT4 ? LONG : LONGLONG) | (min === 0 ? UNSIGNED : 0);
}
