/** Rows that the database refused, with their columns and values, for the quarantine. */
import type { ColumnValue, RefusedRow, StoreBatch, TableRows } from '../../base/index.js';

export type OnRefused = (row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]) => void;

/** The rows that the index of a refused row refers to; a batch may hold two lists of columns for one table. */
export function rowsOfRefused<R extends TableRows>(rows: readonly R[], { table, columns }: RefusedRow): R {
  return rows.find((one) => one.table === table && (columns ?? one.columns) === one.columns)!;
}

export function valuesOfRow(rows: TableRows, row: number): ColumnValue[] {
  const width = rows.columns.length;
  return rows.valuesOf?.(row) ?? rows.values.slice(row * width, (row + 1) * width);
}

/**
 * Refused rows of the batch are reported before COMMIT: a process that ends right after it could not report them any
 * more. Each row is reported once, however often the batch is retried. A driver that reports already is returned unchanged.
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
