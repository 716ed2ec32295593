/**
 * Reads the records of one segment file in order. Damage is skipped and reported: reading resumes at the next good
 * record. Read errors of the system are thrown, and can be retried. Each window is a separate buffer, so
 * records stay valid.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { isFault } from '../../base/index.js';
import {
  MAX_RECORD_PAYLOAD,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  UNSALTED,
  checkRecord,
  readRecord,
  readSegmentHeader,
  recordBytes,
  sealOf,
  segmentHeaderBytes,
  segmentNumberOf,
  type RecordSeal,
  type SpoolRecord,
} from '../../format/spool/index.js';

/** A range of a segment without a readable record. */
export interface Damage {
  file: string;
  atByte: number;
  bytes: number;
  /** `torn`: the end of the file is an unfinished record. */
  kind: 'torn' | 'corrupt';
}

const WINDOW_BYTES = 256 * 1024;

export class SegmentReader {
  /** Offset of the next record in the file; 0 before the header was read. */
  atByte = 0;
  private descriptor = -1;
  private window: Buffer = Buffer.alloc(0);
  private windowAt = 0;
  private seal: RecordSeal = UNSALTED;
  /** False where a payload could hold a forged record: then nothing after damage is believed. */
  private resumes = false;
  /** Numbers of records must be consecutive; after damage, no further on than the damaged bytes allow. */
  private expected: number;
  private furthest: number;

  constructor(
    readonly path: string,
    private readonly onDamage: (damage: Damage) => void,
  ) {
    this.expected = segmentNumberOf(basename(path));
    this.furthest = this.expected;
  }

  /** The next good record that ends before `limit`, or null; throws the system's error if reading fails. */
  next(limit: number): SpoolRecord | null {
    if (this.descriptor < 0 && !this.open()) return null;
    if (this.atByte === 0) this.begin(limit);
    while (this.atByte < limit) {
      if (this.check(this.atByte, limit) !== 'good') {
        this.resume(limit);
        continue;
      }
      const record = readRecord(this.window, this.atByte - this.windowAt);
      this.atByte += recordBytes(record.payload.length);
      this.expected = record.number + 1;
      this.furthest = this.expected;
      return record;
    }
    return null;
  }

  close(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
  }

  /** False if somebody deleted the file: the numbers of its records will be missing. */
  private open(): boolean {
    try {
      this.descriptor = openSync(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return this.descriptor >= 0;
  }

  private begin(limit: number): void {
    this.load(0, WINDOW_BYTES, limit);
    const header = readSegmentHeader(this.window);
    if (isFault(header) || header.firstRecord !== this.expected) {
      // Without its salt, records cannot be distinguished from forgeries.
      return this.damaged(limit, limit < SEGMENT_HEADER_BYTES ? 'torn' : 'corrupt');
    }
    this.seal = header.salt === null ? UNSALTED : sealOf(header.salt);
    this.resumes = header.salt !== null;
    this.atByte = segmentHeaderBytes(header);
  }

  /** Loads the bytes of the record at `at` and checks it; `cut` if the file ends inside it. */
  private check(at: number, limit: number): 'good' | 'cut' | 'bad' {
    if (at < this.windowAt || at >= this.windowAt + this.window.length) this.load(at, WINDOW_BYTES, limit);
    for (;;) {
      const found = checkRecord(this.window, at - this.windowAt, this.window.length, this.seal);
      if (found === null) return this.follows(at) ? 'good' : 'bad';
      if (found.fault !== 'cut') return 'bad';
      const end = this.windowAt + this.window.length;
      if (end >= limit || at + found.needed > limit) return 'cut';
      this.load(at, Math.max(WINDOW_BYTES, found.needed), limit);
      if (this.window.length < found.needed) return 'cut'; // the file is shorter than `limit`
    }
  }

  private follows(at: number): boolean {
    const { number } = readRecord(this.window, at - this.windowAt);
    return number >= this.expected && number <= this.furthest;
  }

  /** Goes to the next good record after the one at `atByte`, or to the end, and reports what lies between. */
  private resume(limit: number): void {
    const torn = this.check(this.atByte, limit) === 'cut';
    const { marker } = this.seal;
    let at = this.resumes ? this.atByte + 1 : limit;
    while (at + RECORD_HEADER_BYTES <= limit) {
      if (at < this.windowAt || at + RECORD_HEADER_BYTES > this.windowAt + this.window.length) this.load(at, WINDOW_BYTES, limit);
      if (this.window.length < RECORD_HEADER_BYTES) break;
      const found = this.window.indexOf(marker, at - this.windowAt);
      at = this.windowAt + (found < 0 ? this.window.length - marker.length + 1 : found);
      if (found < 0) continue;
      this.furthest = this.expected + Math.floor((at - this.atByte) / RECORD_HEADER_BYTES);
      if (this.check(at, limit) === 'good') return this.damaged(at, 'corrupt');
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
