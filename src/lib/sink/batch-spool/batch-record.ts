/**
 * A batch of rows as a record of the spool, with its streams and sequence numbers, so that the database recognises it
 * when it is written again. Content read from the disk is validated before it is used.
 */
import { deserialize, serialize } from 'node:v8';
import type { ColumnValue, StoreBatch, StreamState } from '../../base/index.js';

/** Type of such records; version of their content. */
export const RECORD_ROWS = 2;
const VERSION = 1;

interface TableContent {
  table: string;
  columns: string[];
  count: number;
  values: ColumnValue[];
}

/** The same rule as for the names that a configuration or a script may give. */
const TABLE_NAME = /^[A-Za-z0-9_$]{1,128}(\.[A-Za-z0-9_$]{1,128})?$/;
const COLUMN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const STREAM_NAME = /^[\x21-\x7e]{1,255}$/;
const MAX_COLUMNS = 1000;

export function batchBytes({ rows, streams }: StoreBatch): Buffer {
  return serialize({
    version: VERSION,
    streams: streams.map(({ stream, sequence, position }) => ({ stream, sequence, position })),
    rows: rows.map(({ table, columns, values, count }) => ({
      table,
      columns: [...columns],
      count,
      values: values.slice(0, count * columns.length),
    })),
  });
}

/** Reads records; the same list of columns is the same array each time, as drivers like it. */
export class BatchReader {
  private readonly lists = new Map<string, readonly string[]>();

  /** Null where the bytes are not a batch of this version. */
  read(bytes: Buffer): StoreBatch | null {
    let content: unknown;
    try {
      content = deserialize(bytes);
    } catch {
      return null;
    }
    if (!isObject(content) || content.version !== VERSION) return null;
    const { streams, rows } = content;
    if (!isListOf(streams, isStreamState) || streams.length === 0 || !isListOf(rows, isTableContent)) return null;
    return { streams, rows: rows.map(({ table, columns, count, values }) => ({ table, columns: this.list(columns), count, values })) };
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

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

export function isListOf<T>(value: unknown, check: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(check);
}

export function isStreamName(value: unknown): value is string {
  return typeof value === 'string' && STREAM_NAME.test(value);
}

export function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isStreamState(value: unknown): value is StreamState {
  return isObject(value) && isStreamName(value.stream) && isSequence(value.sequence) && typeof value.position === 'string';
}

function isTableContent(value: unknown): value is TableContent {
  if (!isObject(value) || typeof value.table !== 'string' || !TABLE_NAME.test(value.table)) return false;
  const { columns, count, values } = value;
  if (!isListOf(columns, isColumnName) || columns.length === 0 || columns.length > MAX_COLUMNS) return false;
  if (!Number.isSafeInteger(count) || (count as number) < 0) return false;
  return isListOf(values, isColumnValue) && values.length === (count as number) * columns.length;
}

function isColumnName(value: unknown): value is string {
  return typeof value === 'string' && COLUMN_NAME.test(value);
}

function isColumnValue(value: unknown): value is ColumnValue {
  return value === null || typeof value === 'string' || Buffer.isBuffer(value) || (typeof value === 'number' && Number.isFinite(value));
}
