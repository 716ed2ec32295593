/** A batch being filled: rows by table, flat, as drivers take them. */
import type { ColumnValue, Message, RowComparison, StoreBatch, StreamState, TableRows } from '../../base/index.js';

/** Creates rows from messages. A table has one list of columns, always the same array. */
export interface RowMaker {
  table(message: Message): string;
  columns(message: Message): readonly string[];
  /** Writes the message's row in the order of its columns, from `into[at]` on. */
  push(message: Message, into: ColumnValue[], at: number): void;
}

export class BatchRows {
  rows = 0;
  /** Payload bytes. */
  bytes = 0;
  private readonly tables = new Map<string, TableRows>();
  private last: TableRows | null = null;

  /** Arrays of settled batches are reused: new ones would have to grow, at many times the cost. */
  constructor(private readonly spare: ColumnValue[][] = []) {}

  add(message: Message, maker: RowMaker, comparison: RowComparison = 'none'): void {
    const table = maker.table(message);
    const columns = maker.columns(message);
    let rows = this.last;
    if (rows === null || rows.table !== table || rows.columns !== columns) {
      // A script may send SIP and reports to one table: their rows differ.
      const key = `${columns.length} ${table}`;
      rows = this.tables.get(key) ?? null;
      if (rows === null) {
        rows = { table, columns, values: this.spare.pop() ?? [], count: 0 };
        this.tables.set(key, rows);
      }
    }
    maker.push(message, rows.values, rows.count * rows.columns.length);
    if (comparison !== 'none') (rows.compared ??= []).push({ row: rows.count, isMessage: comparison === 'message' });
    rows.count++;
    this.last = rows;
    this.rows++;
    this.bytes += message.payload.length;
  }

  closed(streams: StreamState[]): ClosedBatch {
    return { batch: { rows: [...this.tables.values()], streams }, rows: this.rows, bytes: this.bytes };
  }
}

export interface ClosedBatch {
  batch: StoreBatch;
  rows: number;
  bytes: number;
}
