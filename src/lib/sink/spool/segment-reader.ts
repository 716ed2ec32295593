/**
 * Reads the records of one segment file in order. Damage is passed over: the reader says where and how
 * much, and goes on at the next good record. Each window is a buffer of its own, so records stay valid.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { isFault } from '../../base/index.js';
import {
  MAX_RECORD_PAYLOAD,
  RECORD_HEADER_BYTES,
  RECORD_MARKER,
  SEGMENT_HEADER_BYTES,
  checkRecord,
  readRecord,
  readSegmentHeader,
  recordBytes,
  recordEnd,
  type SpoolRecord,
} from '../../format/spool/index.js';

/** A stretch of a segment that holds no record that can be read. */
export interface Damage {
  file: string;
  atByte: number;
  bytes: number;
  /** `torn`: the end of the file is an unfinished record; `unreadable`: the system would not read it. */
  kind: 'torn' | 'corrupt' | 'unreadable';
}

const WINDOW_BYTES = 256 * 1024;

export class SegmentReader {
  /** Offset of the next record in the file. */
  atByte = 0;
  private descriptor = -1;
  private window: Buffer = Buffer.alloc(0);
  private windowAt = 0;

  constructor(
    readonly path: string,
    private readonly onDamage: (damage: Damage) => void,
  ) {}

  /** The next good record that lies wholly before `limit`, or null. */
  next(limit: number): SpoolRecord | null {
    try {
      if (this.descriptor < 0) this.open(limit);
      return this.step(limit);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      this.damaged(limit, 'unreadable');
      return null;
    }
  }

  close(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
  }

  private open(limit: number): void {
    this.descriptor = openSync(this.path, 'r');
    if (this.atByte > 0) return;
    this.load(0, WINDOW_BYTES, limit);
    if (isFault(readSegmentHeader(this.window))) this.resume(0, limit);
    else this.atByte = SEGMENT_HEADER_BYTES;
  }

  private step(limit: number): SpoolRecord | null {
    while (this.atByte < limit) {
      const found = this.check(this.atByte, limit);
      if (found === 'good') {
        const record = readRecord(this.window, this.atByte - this.windowAt);
        this.atByte = this.windowAt + recordEnd(this.window, this.atByte - this.windowAt);
        return record;
      }
      this.resume(this.atByte + 1, limit);
    }
    return null;
  }

  /** Loads what the record at `at` needs and looks at it; `cut` where the file ends inside it. */
  private check(at: number, limit: number): 'good' | 'cut' | 'bad' {
    if (at < this.windowAt || at >= this.windowAt + this.window.length) this.load(at, WINDOW_BYTES, limit);
    for (;;) {
      const found = checkRecord(this.window, at - this.windowAt, this.window.length);
      if (found === null) return 'good';
      if (found.fault !== 'cut') return 'bad';
      const end = this.windowAt + this.window.length;
      if (end >= limit || at + found.needed > limit) return 'cut';
      this.load(at, Math.max(WINDOW_BYTES, found.needed), limit);
      if (this.window.length < found.needed) return 'cut'; // the file is shorter than we were told
    }
  }

  /** Goes to the next good record from `from` on, or to the end, and reports what lies between. */
  private resume(from: number, limit: number): void {
    const torn = this.check(this.atByte, limit) === 'cut';
    let at = from;
    while (at + RECORD_HEADER_BYTES <= limit) {
      if (at < this.windowAt || at + RECORD_HEADER_BYTES > this.windowAt + this.window.length) this.load(at, WINDOW_BYTES, limit);
      if (this.window.length < RECORD_HEADER_BYTES) break;
      const found = this.window.indexOf(RECORD_MARKER, at - this.windowAt);
      at = this.windowAt + (found < 0 ? this.window.length - RECORD_MARKER.length + 1 : found);
      if (found < 0) continue;
      if (this.check(at, limit) === 'good') {
        this.damaged(at, 'corrupt');
        return;
      }
      at++;
    }
    this.damaged(limit, torn ? 'torn' : 'corrupt');
  }

  private damaged(to: number, kind: Damage['kind']): void {
    if (to > this.atByte) this.onDamage({ file: this.path, atByte: this.atByte, bytes: to - this.atByte, kind });
    this.atByte = to;
  }

  private load(at: number, bytes: number, limit: number): void {
    const wanted = Math.min(bytes, recordBytes(MAX_RECORD_PAYLOAD), limit - at);
    const buffer = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(this.descriptor, buffer, filled, wanted - filled, at + filled);
      if (count === 0) break;
      filled += count;
    }
    this.window = filled === wanted ? buffer : buffer.subarray(0, filled);
    this.windowAt = at;
  }
}
