/**
 * The contract of a database driver: open, write a batch, close; never called in parallel, never after
 * close. Queue, retry, spool and loss counting live outside of it (sink/batch).
 */

import { UsageError } from './fault.js';

export * from './stored.js';

/** Rows of one table, flat: row r, column c is at `values[r * columns.length + c]`. */
export interface TableRows {
  table: string;
  columns: readonly string[];
  values: ColumnValue[];
  count: number;
  /** Rows that are stored only if not present yet, in ascending order. */
  compared?: ComparedRow[];
  /** The values of one row, where taking them out of `values` costs more. */
  valuesOf?(row: number): ColumnValue[];
}

/** Rows kept as the bytes that the database takes: `values` are made of them on demand. */
export interface PackedRows extends TableRows {
  /** Adds a row; its values are not kept. */
  add(values: readonly ColumnValue[]): void;
}

/** Creates packed rows for one sink. */
export interface RowPacker {
  /** Null where rows with these columns are not packed. */
  rows(table: string, columns: readonly string[]): PackedRows | null;
  /** Their memory may be used again. */
  release(rows: TableRows): void;
}

export interface ComparedRow {
  row: number;
  /** The row of the message itself, not one that accompanies it. */
  isMessage: boolean;
}

/** How a row is compared with existing ones: not at all, as the message's own, or as one that accompanies it. */
export type RowComparison = 'none' | 'message' | 'additional';

/** Rows that were not written because they exist already. */
export interface PresentRows {
  rows: number;
  /** Of them, rows of messages themselves. */
  messages: number;
}

export type ColumnValue = string | number | Buffer | null;

/**
 * The position of one stream of rows. A live source has one stream (the writer itself); an import has one
 * for each of its files, and a batch may advance several of them.
 */
export interface StreamState {
  /** Key of the writer or position stream. */
  stream: string;
  /** 1 for the first batch that advances the stream, then incremented: reveals a repeated or foreign write. */
  sequence: number;
  /** The source's position as text (JSON), '' for live sources. */
  position: string;
}

/** The stored position of a stream that has one. Throws a UsageError for what no sipcap wrote. */
export function readPosition<Shape extends object>({ stream, position }: StreamState): Shape {
  try {
    const value: unknown = JSON.parse(position);
    if (typeof value === 'object' && value !== null && typeof (value as { bytes?: unknown }).bytes === 'number') return value as Shape;
  } catch {
    // Reported below.
  }
  throw new UsageError(
    `table sipcap_position is damaged: the position of stream '${stream}' is ${JSON.stringify(position.slice(0, 60))}; restore the table, or delete that row and store the file again`,
  );
}

/** What one transaction writes: rows of all tables, and the new positions of their streams. */
export interface StoreBatch {
  rows: TableRows[];
  /** At least one; `sequence` is the new one, so the stored one must be one less (or absent where it is 1). */
  streams: StreamState[];
  /** Called before COMMIT with the refused rows, again on each retry; an exception rolls the transaction back. */
  beforeCommit?(refused: readonly RefusedRow[]): void;
}

export interface RefusedRow {
  table: string;
  /** Index in the batch's rows of that table. */
  row: number;
  /** The database's own message. */
  reason: string;
  /** Columns of the rows that `row` indexes: a batch may hold two lists for one table. */
  columns?: readonly string[];
}

export type WriteOutcome =
  /** Committed, except for refused rows and those that exist already. */
  | { outcome: 'stored'; refused: RefusedRow[]; present?: PresentRows }
  /** This very batch had been committed before (the reply was lost). */
  | { outcome: 'known' }
  /** Another process wrote to the same stream: stop. */
  | { outcome: 'conflict' }
  /** Not stored yet, but safe in a spool that is stored later. */
  | { outcome: 'spooled' }
  /** Nothing is known to be stored: keep everything, retry later. */
  | { outcome: 'unavailable'; reason: string };

export interface StoreDriver {
  open(): Promise<void>;
  write(batch: StoreBatch): Promise<WriteOutcome>;
  close(): Promise<void>;
}
