/** What the thread of node:sqlite is asked for, and what it answers. Values are packed: a Buffer may be part of a large one. */
import type { ColumnValue } from '../../base/index.js';

/** The bytes of a Buffer are `[from, to)` of the request's bytes. */
export type PackedValue = string | number | null | readonly [from: number, to: number];

export interface Packed {
  values: readonly PackedValue[];
  bytes: Uint8Array<ArrayBuffer>;
}

export type Call =
  | { call: 'execute'; sql: string }
  | { call: 'run' | 'all'; sql: string; packed: Packed }
  | { call: 'prepare'; statement: number; sql: string }
  | { call: 'insert'; statement: number; packed: Packed }
  | { call: 'finalize'; statement: number }
  | { call: 'close' };

export interface Answer {
  /** Rows, or the number of those that changed. */
  result?: unknown;
  error?: { code: string; message: string };
}

export interface WorkerSettings {
  path: string;
  isReadOnly: boolean;
  busyMs: number;
}

export function pack(values: readonly ColumnValue[]): Packed {
  const bytes = new Uint8Array(values.reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0));
  let to = 0;
  const packed = values.map((value): PackedValue => {
    if (!(value instanceof Uint8Array)) return value;
    const from = to;
    bytes.set(value, from);
    to += value.length;
    return [from, to];
  });
  return { values: packed, bytes };
}
