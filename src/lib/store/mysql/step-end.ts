/** How many rows the next statement takes. */
import type { TableRows } from '../../base/index.js';
import type { Target } from '../sql/target.js';
import { wireType } from './wire-type.js';

/** Rows of a prepared statement: more is not faster; a few sizes, so that few statements are prepared. */
const STEPS = [100, 10, 1];
/** Values that one prepared statement may have. */
const MAX_PARAMETERS = 65_535;
/** Rows and bytes of one bulk packet: more is not faster. */
const BULK_ROWS = 1000;
const BULK_BYTES = 4 * 1024 * 1024;

/** One past the last row; `maxBytes`: the server's limit of a packet. */
export function stepEnd(target: Target, rows: TableRows, from: number, maxBytes: number, isBulk: boolean): number {
  if (isBulk) return from + Math.max(1, bulkRows(target, rows, from, Math.min(maxBytes / 2, BULK_BYTES)));
  const max = Math.min(STEPS[0], rows.count - from, Math.floor(MAX_PARAMETERS / target.columns.length));
  // The text of the statement grows with its rows too.
  const textBytes = target.columns.length * 2 + 4;
  let bytes = target.names.join().length * 4;
  let fitting = 0;
  while (fitting < max && (bytes += rowBytes(rows, from + fitting) + textBytes) <= maxBytes / 2) fitting++;
  return from + (STEPS.find((step) => step <= fitting) ?? 1);
}

/** Rows that fit into a packet and whose values have the same types. */
function bulkRows(target: Target, rows: TableRows, from: number, maxBytes: number): number {
  const max = Math.min(BULK_ROWS, rows.count - from);
  const typed: number[] = [];
  for (const [i, { kind }] of target.columns.entries()) if (kind !== 'text' && kind !== 'bytes' && target.places[i] >= 0) typed.push(i);
  const types = new Array<number>(typed.length).fill(0);
  let bytes = target.columns.length * 2;
  let fitting = 0;
  for (; fitting < max; fitting++) {
    bytes += rowBytes(rows, from + fitting);
    if (bytes > maxBytes) break;
    const start = (from + fitting) * rows.columns.length;
    for (let k = 0; k < typed.length; k++) {
      const i = typed[k];
      const type = wireType(rows.values[start + target.places[i]], target.columns[i]);
      if (types[k] === 0) types[k] = type;
      else if (type !== 0 && type !== types[k]) return fitting;
    }
  }
  return fitting;
}

/** Upper bound of the bytes that a row takes in a packet. */
function rowBytes(rows: TableRows, row: number): number {
  const width = rows.columns.length;
  let bytes = 0;
  for (let i = row * width; i < (row + 1) * width; i++) {
    const value = rows.values[i];
    if (typeof value === 'string') bytes += value.length * 3 + 10;
    else if (typeof value === 'object' && value !== null) bytes += value.length + 10;
    else bytes += 10;
  }
  return bytes;
}
