/** Rows that the database refused, with their columns and values, for the quarantine. */
import type { ColumnValue, RefusedRow, StoreBatch, TableRows } from '../../base/index.js';

export type OnRefused = (row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]) => void;

/** The rows of a batch that a refused one counts in; a batch may hold two lists of columns for one table. */
export function rowsOfRefused<R extends TableRows>(rows: readonly R[], { table, columns }: RefusedRow): R {
  return rows.find((one) => one.table === table && (columns ?? one.columns) === one.columns)!;
}

export function valuesOfRow({ columns, values }: TableRows, row: number): ColumnValue[] {
  return values.slice(row * columns.length, (row + 1) * columns.length);
}

/**
 * What a database refuses of the batch is reported before COMMIT: a process that ends right behind it could not report it any
 * more. Each row is reported once, however often the batch is tried. What reports already stays as it is.
 */
export function reportRefused(batch: StoreBatch, onRefused: OnRefused): StoreBatch {
  const reported = new Set<string>();
  batch.beforeCommit ??= (refused) => {
    for (const row of refused) {
      const rows = rowsOfRefused(batch.rows, row);
      const key = `${batch.rows.indexOf(rows)}:${row.row}`;
      if (reported.has(key)) continue;
      onRefused(row, rows.columns, valuesOfRow(rows, row.row));
      reported.add(key);
    }
  };
  return batch;
}
