/** A large batch as several records: each piece has the same streams and some of the rows. */
import type { StoreBatch } from '../../base/index.js';
import { MAX_RECORD_PAYLOAD } from '../../format/spool/index.js';
import { batchBytes, rowsOf } from './batch-record.js';

const PIECE_ROWS = 2000;

export interface Piece {
  bytes: Buffer;
  rows: number;
}

/** The number of the first piece; 0 where not all of them could be appended: then `forget` is called for those that were. */
export function appendPieces(batch: StoreBatch, append: (bytes: Buffer, rows: number) => number, forget: (number: number) => void): number {
  const numbers: number[] = [];
  for (const { bytes, rows } of piecesOf(batch) ?? []) {
    const number = append(bytes, rows);
    if (number === 0) {
      numbers.forEach(forget);
      return 0;
    }
    numbers.push(number);
  }
  return numbers[0] ?? 0;
}

/** Null where a single row is too large for a record. */
export function piecesOf(batch: StoreBatch, maxRows = PIECE_ROWS): Piece[] | null {
  const pieces: Piece[] = [];
  for (const rows of batch.rows) {
    const { table, columns } = rows;
    const width = columns.length;
    for (let from = 0; from < rows.count; from += maxRows) {
      const to = Math.min(from + maxRows, rows.count);
      const part = { ...batch, rows: [{ table, columns, values: rows.values.slice(from * width, to * width), count: to - from }] };
      const bytes = batchBytes(part);
      if (bytes.length <= MAX_RECORD_PAYLOAD) {
        pieces.push({ bytes, rows: to - from });
        continue;
      }
      const smaller = maxRows === 1 ? null : piecesOf(part, Math.ceil(maxRows / 8));
      if (smaller === null) return null;
      pieces.push(...smaller);
    }
  }
  return pieces.length > 0 ? pieces : [{ bytes: batchBytes(batch), rows: rowsOf(batch) }];
}
