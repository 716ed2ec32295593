/**
 * One IP packet being reassembled (RFC 791 section 3.2, RFC 8200 section 4.5): its fragments, sorted and without overlap.
 * It holds what has arrived, not what the offsets promise.
 */
import { ownCopy, type FaultCode, type Frame, type LinkedEntry } from '../base/index.js';
import type { Endpoints } from './endpoints.js';
import { STOP } from './layer-ids.js';

/** RFC 791 section 3.1: total length has 16 bits; the same for an IPv6 payload. */
const LARGEST = 65_535;
const UNKNOWN = -1;
/** Rough cost of a fragment besides its bytes. */
const OVERHEAD_BYTES = 160;

interface Piece {
  offset: number;
  bytes: Buffer;
}

export class FragmentDatagram implements LinkedEntry<FragmentDatagram> {
  older: FragmentDatagram | null = null;
  newer: FragmentDatagram | null = null;
  /** The next layer, as given by the first fragment. */
  next = STOP;
  /** Total length, -1 until the last fragment has arrived. */
  total = UNKNOWN;
  fragments = 0;
  /** Bytes of memory. */
  weight = 0;
  lastAt: number;
  /** The frame of the last fragment, without bytes. */
  lastFrame: Frame | null = null;
  readonly frames: Frame[] = [];

  private filled = 0;
  private readonly pieces: Piece[] = [];

  constructor(
    readonly key: string,
    readonly endpoints: Endpoints,
    readonly startedAt: number,
  ) {
    this.lastAt = startedAt;
  }

  get complete(): boolean {
    return this.filled === this.total;
  }

  /** Why a fragment cannot belong to this packet, or ''. */
  objection(offset: number, length: number, more: boolean): FaultCode | '' {
    const end = offset + length;
    if (end > LARGEST) return 'bad_fragment';
    // RFC 791 section 3.2: all but the last carry a multiple of 8 bytes, and some.
    if (more && (length === 0 || (length & 7) !== 0)) return 'bad_fragment';
    if (this.total !== UNKNOWN && (end > this.total || (!more && end !== this.total))) return 'bad_fragment';
    if (!more && this.pieces.length > 0 && endOf(this.pieces[this.pieces.length - 1]) > end) return 'bad_fragment';
    return '';
  }

  /** True if the fragment differs from bytes that are already there: it belongs to another packet with the same identification. */
  contradicts(bytes: Buffer, from: number, to: number, offset: number): boolean {
    const end = offset + to - from;
    for (let i = this.after(offset); i < this.pieces.length && this.pieces[i].offset < end; i++) {
      const piece = this.pieces[i];
      const start = Math.max(offset, piece.offset);
      const until = Math.min(end, endOf(piece));
      if (bytes.compare(piece.bytes, start - piece.offset, until - piece.offset, from + start - offset, from + until - offset) !== 0)
        return true;
    }
    return false;
  }

  /** Adds a fragment without objection; returns how many of its bytes were there already. */
  add(bytes: Buffer, from: number, to: number, offset: number, more: boolean): number {
    const end = offset + (to - from);
    this.fragments++;
    this.weight += OVERHEAD_BYTES;
    if (!more) this.total = end;
    let repeated = 0;
    let cursor = offset;
    let at = this.after(offset);
    const fill = (until: number) => {
      const part = ownCopy(bytes, from + cursor - offset, from + until - offset);
      this.pieces.splice(at++, 0, { offset: cursor, bytes: part });
      this.filled += part.length;
      this.weight += part.length;
    };
    for (; at < this.pieces.length && this.pieces[at].offset < end; at++) {
      const piece = this.pieces[at];
      if (cursor < piece.offset) fill(piece.offset);
      const until = Math.min(end, endOf(piece));
      repeated += until - Math.max(cursor, piece.offset);
      cursor = until;
    }
    if (cursor < end) fill(end);
    return repeated;
  }

  /** The bytes from the start up to the first missing one. */
  beginning(): Buffer {
    const parts: Buffer[] = [];
    let end = 0;
    for (const piece of this.pieces) {
      if (piece.offset !== end) break;
      parts.push(piece.bytes);
      end += piece.bytes.length;
    }
    return Buffer.concat(parts);
  }

  /** The fragments turned out not to belong together: only the first is of any use. */
  keepFirst(): void {
    this.pieces.length = 1;
    this.total = UNKNOWN;
  }

  /** Index of the first piece that ends after `offset`. */
  private after(offset: number): number {
    let low = 0;
    let high = this.pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.pieces[middle]) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function endOf(piece: Piece): number {
  return piece.offset + piece.bytes.length;
}
