/** A batch being filled: rows by table, flat, as drivers take them. */
import type { ColumnValue, Message, PackedRows, RowComparison, RowPacker, StoreBatch, StreamState, TableRows } from '../../base/index.js';

const MAX_SPARE = 4;

/** Creates rows from messages. A table has one list of columns, always the same array. */
export interface RowMaker {
  table(message: Message): string;
  columns(message: Message): readonly string[];
  /** Writes the message's row in the order of its columns, from `into[at]` on. */
  push(message: Message, into: ColumnValue[], at: number): void;
}

/** What batches are made of, to be reused: new arrays would have to grow, at many times the cost. */
export class RowMemory {
  private readonly spare: ColumnValue[][] = [];
  /** Values of the row that is being packed. */
  readonly row: ColumnValue[] = [];

  constructor(readonly packer: RowPacker | null = null) {}

  rows(table: string, columns: readonly string[]): TableRows | PackedRows {
    return this.packer?.rows(table, columns) ?? { table, columns, values: this.spare.pop() ?? [], count: 0 };
  }

  /** Of a batch that nobody needs any more. */
  release({ rows }: StoreBatch): void {
    for (const each of rows) {
      if (isPacked(each)) this.packer!.release(each);
      else if (this.spare.length < MAX_SPARE) this.spare.push(each.values);
    }
  }
}

function isPacked(rows: TableRows | PackedRows): rows is PackedRows {
  return (rows as Partial<PackedRows>).add !== undefined;
}

export class BatchRows {
  rows = 0;
  /** Payload bytes. */
  bytes = 0;
  private readonly tables = new Map<string, TableRows>();
  private last: TableRows | null = null;

  constructor(private readonly memory = new RowMemory()) {}

  add(message: Message, maker: RowMaker, comparison: RowComparison = 'none'): void {
    const table = maker.table(message);
    const columns = maker.columns(message);
    let rows = this.last;
    if (rows === null || rows.table !== table || rows.columns !== columns) {
      // A script may send SIP and reports to one table: their rows differ.
      const key = `${columns.length} ${table}`;
      rows = this.tables.get(key) ?? null;
      if (rows === null) {
        rows = this.memory.rows(table, columns);
        this.tables.set(key, rows);
      }
    }
    if (comparison !== 'none') (rows.compared ??= []).push({ row: rows.count, isMessage: comparison === 'message' });
    if (isPacked(rows)) {
      maker.push(message, this.memory.row, 0);
      rows.add(this.memory.row);
    } else {
      maker.push(message, rows.values, rows.count * rows.columns.length);
      rows.count++;
    }
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
