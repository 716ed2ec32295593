/** Values within SQL: servers before 19 take no parameters. */
import type { ColumnValue } from '../../base/index.js';

/** `sql` with its question marks replaced by the values. */
export function filled(sql: string, values: readonly ColumnValue[]): string {
  let at = 0;
  return values.length === 0 ? sql : sql.replace(/\?/g, () => literal(values[at++]));
}

function literal(value: ColumnValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value)) return `unhex('${value.toString('hex')}')`;
  return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
}
