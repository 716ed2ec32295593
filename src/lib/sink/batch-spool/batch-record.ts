/**
 * A batch of rows as a record of the spool, with the writers' streams and sequence numbers: so that a batch which may
 * or may not have been committed before is recognised when it is written again.
 */
import { deserialize, serialize } from 'node:v8';
import type { ColumnValue, StoreBatch, StreamState } from '../../base/index.js';

/** Type of such records; version of their content. */
export const RECORD_ROWS = 2;
const VERSION = 1;

interface Content {
  version: number;
  streams: StreamState[];
  rows: { table: string; columns: string[]; count: number; values: ColumnValue[] }[];
}

export function batchBytes({ rows, streams }: StoreBatch): Buffer {
  const content: Content = {
    version: VERSION,
    streams: streams.map(({ stream, sequence, position }) => ({ stream, sequence, position })),
    rows: rows.map(({ table, columns, values, count }) => ({
      table,
      columns: [...columns],
      count,
      values: values.slice(0, count * columns.length),
    })),
  };
  return serialize(content);
}

/** Reads records; the same list of columns is the same array each time, as drivers like it. */
export class BatchReader {
  private readonly lists = new Map<string, readonly string[]>();

  /** Null where the bytes are no batch that this version knows. */
  read(bytes: Buffer): StoreBatch | null {
    try {
      const { version, rows, streams } = deserialize(bytes) as Content;
      if (version !== VERSION) return null;
      return { streams, rows: rows.map(({ table, columns, count, values }) => ({ table, columns: this.list(columns), count, values })) };
    } catch {
      return null;
    }
  }

  private list(columns: string[]): readonly string[] {
    const key = columns.join(',');
    const known = this.lists.get(key);
    if (known === undefined) this.lists.set(key, columns);
    return known ?? columns;
  }
}

export function rowsOf({ rows }: StoreBatch): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}
