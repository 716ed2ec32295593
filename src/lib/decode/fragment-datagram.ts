/**
 * One IP packet in the making (RFC 791 section 3.2, RFC 8200 section 4.5, RFC 815): a buffer and the ranges of it
 * that are filled. What came first wins where fragments overlap.
 */
import type { FaultCode, Frame } from '../base/index.js';
import { STOP } from './layer-ids.js';

/** RFC 791 section 3.1: total length has 16 bits; the same for an IPv6 payload. */
const LARGEST = 65_535;
const UNKNOWN = -1;

export class FragmentDatagram {
  /** Layer that the packet goes on with: what its first fragment says. */
  next = STOP;
  /** Bytes of the whole, -1 before the last fragment came. */
  total = UNKNOWN;
  fragments = 0;
  /** Bytes that repeated what was there already. */
  repeated = 0;
  /** Bytes of the held frames. */
  frameBytes = 0;
  readonly frames: Frame[] = [];

  private filled = 0;
  private data: Buffer = Buffer.alloc(0);
  /** Filled ranges, start and end by turns, sorted and apart. */
  private ranges: number[] = [];

  constructor(readonly startedAt: number) {}

  get bytes(): Buffer {
    return this.data;
  }

  /** Bytes of memory it holds. */
  get weight(): number {
    return this.data.length + this.frameBytes;
  }

  get complete(): boolean {
    return this.filled === this.total;
  }

  /** Why a fragment cannot belong here, or ''. */
  objection(offset: number, length: number, more: boolean): FaultCode | '' {
    const end = offset + length;
    if (end > LARGEST) return 'bad_fragment';
    // RFC 791 section 3.2: all but the last carry a multiple of 8 bytes, and some.
    if (more && (length === 0 || (length & 7) !== 0)) return 'bad_fragment';
    if (this.total !== UNKNOWN && (end > this.total || (!more && end !== this.total))) return 'bad_fragment';
    if (!more && this.ranges.length > 0 && this.ranges[this.ranges.length - 1] > end) return 'bad_fragment';
    return '';
  }

  /** Takes a fragment that nothing speaks against. */
  add(bytes: Buffer, from: number, to: number, offset: number, more: boolean): void {
    const end = offset + (to - from);
    this.fragments++;
    if (!more) this.total = end;
    this.grow(end);
    const { ranges } = this;
    const merged: number[] = [];
    let start = offset;
    let mergedStart = offset;
    let mergedEnd = end;
    let i = 0;
    for (; i < ranges.length && ranges[i + 1] < offset; i += 2) merged.push(ranges[i], ranges[i + 1]);
    for (; i < ranges.length && ranges[i] <= end; i += 2) {
      if (ranges[i] > start) this.copy(bytes, from + (start - offset), start, ranges[i]);
      start = Math.max(start, Math.min(end, ranges[i + 1]));
      mergedStart = Math.min(mergedStart, ranges[i]);
      mergedEnd = Math.max(mergedEnd, ranges[i + 1]);
    }
    if (start < end) this.copy(bytes, from + (start - offset), start, end);
    if (mergedEnd > mergedStart) merged.push(mergedStart, mergedEnd);
    for (; i < ranges.length; i += 2) merged.push(ranges[i], ranges[i + 1]);
    this.ranges = merged;
    const before = this.filled;
    this.filled = 0;
    for (let r = 0; r < merged.length; r += 2) this.filled += merged[r + 1] - merged[r];
    this.repeated = to - from - (this.filled - before);
  }

  private copy(bytes: Buffer, from: number, start: number, end: number): void {
    bytes.copy(this.data, start, from, from + (end - start));
  }

  private grow(needed: number): void {
    const wanted = this.total !== UNKNOWN ? this.total : needed;
    if (wanted <= this.data.length) return;
    const size = this.total !== UNKNOWN ? wanted : Math.min(LARGEST, Math.max(2 * this.data.length, wanted, 2048));
    const grown = Buffer.allocUnsafe(size);
    this.data.copy(grown);
    this.data = grown;
  }
}
