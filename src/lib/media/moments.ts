/**
 * The course of a stream over time, in a fixed number of equal buckets that widen as it gets longer. The buckets of all
 * streams are in a few large arrays: a small array per stream would have more overhead than content.
 */

/** Buckets of a stream; even, so that pairs can be merged. */
export const PIECES = 24;
const FIRST_WIDTH = 1e6;
const VALUES = 3;
const ROW = PIECES * VALUES;
const ROWS_IN_BLOCK = 256;
const MAX_COUNT = 0xffff;
const JITTER_UNITS_IN_MS = 10;

export interface Moment {
  /** Microseconds. */
  from: number;
  packets: number;
  lost: number;
  /** The highest jitter, milliseconds. */
  jitterMs: number;
}

export class Moments {
  private readonly blocks: Uint16Array[] = [];
  private readonly free: number[] = [];
  /** Widths of the buckets, microseconds. */
  private readonly widths: number[] = [];
  private used = 0;

  /** A row for a new stream. */
  take(): number {
    const row = this.free.pop() ?? this.used++;
    const block = Math.floor(row / ROWS_IN_BLOCK);
    this.blocks[block] ??= new Uint16Array(ROWS_IN_BLOCK * ROW);
    const at = this.at(row);
    this.blocks[block].fill(0, at, at + ROW);
    this.widths[row] = FIRST_WIDTH;
    return row;
  }

  release(row: number): void {
    this.free.push(row);
  }

  /** `sinceStart` microseconds after the stream's first packet; `lost` may be negative, for a packet that was only late. */
  add(row: number, sinceStart: number, packets: number, lost: number, jitterMs: number): void {
    let width = this.widths[row];
    while (sinceStart >= width * PIECES) width = this.widen(row);
    const values = this.blocks[Math.floor(row / ROWS_IN_BLOCK)];
    const at = this.at(row) + Math.max(0, Math.floor(sinceStart / width)) * VALUES;
    values[at] = Math.min(MAX_COUNT, values[at] + packets);
    if (lost !== 0) values[at + 1] = Math.max(0, Math.min(MAX_COUNT, values[at + 1] + lost));
    const jitter = Math.min(MAX_COUNT, Math.round(jitterMs * JITTER_UNITS_IN_MS));
    if (jitter > values[at + 2]) values[at + 2] = jitter;
  }

  /** Up to the last non-empty bucket. */
  of(row: number, startedAt: number): Moment[] {
    const values = this.blocks[Math.floor(row / ROWS_IN_BLOCK)];
    const moments: Moment[] = [];
    let length = 0;
    for (let i = 0, at = this.at(row); i < PIECES; i++, at += VALUES) {
      const moment = {
        from: startedAt + i * this.widths[row],
        packets: values[at],
        lost: values[at + 1],
        jitterMs: values[at + 2] / JITTER_UNITS_IN_MS,
      };
      moments.push(moment);
      if (moment.packets > 0 || moment.lost > 0) length = moments.length;
    }
    return moments.slice(0, length);
  }

  private at(row: number): number {
    return (row % ROWS_IN_BLOCK) * ROW;
  }

  /** Merges pairs of buckets. */
  private widen(row: number): number {
    const values = this.blocks[Math.floor(row / ROWS_IN_BLOCK)];
    const start = this.at(row);
    for (let i = 0; i < PIECES; i++) {
      const to = start + i * VALUES;
      const from = start + 2 * i * VALUES;
      const isThere = 2 * i < PIECES;
      values[to] = isThere ? Math.min(MAX_COUNT, values[from] + values[from + VALUES]) : 0;
      values[to + 1] = isThere ? Math.min(MAX_COUNT, values[from + 1] + values[from + 1 + VALUES]) : 0;
      values[to + 2] = isThere ? Math.max(values[from + 2], values[from + 2 + VALUES]) : 0;
    }
    return (this.widths[row] *= 2);
  }
}
