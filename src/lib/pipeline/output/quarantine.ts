/** Rows that the database refused, one JSON object a line, with the database's reason; nothing is thrown away. */
import { appendFileSync } from 'node:fs';
import type { ColumnValue, Log, RefusedRow } from '../../base/index.js';

export class Quarantine {
  private reported = false;

  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  add(row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]): void {
    // Not `reason`: that is a column of ours.
    const record: Record<string, unknown> = { table: row.table, error: row.reason };
    columns.forEach((column, i) => {
      const value = values[i];
      if (column in record) return;
      record[column] = Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value;
    });
    try {
      appendFileSync(this.path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    } catch (error) {
      this.log.error(`a refused row cannot be kept in ${this.path}: ${(error as Error).message}`);
      return;
    }
    if (!this.reported) this.log.warn(`the database refused a row (${row.reason}): such rows are kept in ${this.path}`);
    this.reported = true;
  }
}
