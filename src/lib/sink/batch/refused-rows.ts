/** Rows that the database refused, with their columns and values, for the quarantine. */
import type { ColumnValue, RefusedRow, StoreBatch } from '../../base/index.js';

export type OnRefused = (row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]) => void;

export function reportRefused(batch: StoreBatch, refused: readonly RefusedRow[], onRefused: OnRefused): void {
  for (const row of refused) {
    const rows = batch.rows.find(({ table, columns }) => table === row.table && (row.columns ?? columns) === columns)!;
    const width = rows.columns.length;
    onRefused(row, rows.columns, rows.values.slice(row.row * width, (row.row + 1) * width));
  }
}
