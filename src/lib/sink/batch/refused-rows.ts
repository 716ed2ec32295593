/** Rows that the database refused, with their columns and values, for the quarantine. */
import type { ColumnValue, RefusedRow, StoreBatch } from '../../base/index.js';

export type OnRefused = (row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]) => void;

/**
 * What a database refuses of the batch is reported before COMMIT: a process that ends right behind it could not report it any
 * more. Each row is reported once, however often the batch is tried. What reports already stays as it is.
 */
export function reportRefused(batch: StoreBatch, onRefused: OnRefused): StoreBatch {
  const reported = new Set<string>();
  batch.beforeCommit ??= (refused) => {
    for (const row of refused) {
      const i = batch.rows.findIndex(({ table, columns }) => table === row.table && (row.columns ?? columns) === columns);
      const key = `${i}:${row.row}`;
      if (reported.has(key)) continue;
      const { columns, values } = batch.rows[i];
      onRefused(row, columns, values.slice(row.row * columns.length, (row.row + 1) * columns.length));
      reported.add(key);
    }
  };
  return batch;
}
