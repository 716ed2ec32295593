/**
 * Segments that arrived early, sorted by sequence number and without overlap: of repeated bytes the first are kept.
 * Sequence numbers are compared modulo 2^32 (RFC 9293 section 3.4).
 */
import type { Frame } from '../base/index.js';

export interface QueuedSegment {
  sequence: number;
  /** The segment's own copy: its frame may be part of a large read chunk. */
  bytes: Buffer;
  /** Bytes after these that the snap length cut off. */
  lost: number;
  capturedAt: number;
  /** The frame it came in, without bytes. */
  frame: Frame;
  /** The receiver would not have accepted it when it arrived: bytes that arrive in order replace it. */
  isDoubtful: boolean;
  /** Bytes of memory. */
  weight: number;
}

/** A segment to be queued. */
export interface NewSegment {
  sequence: number;
  bytes: Buffer;
  lost: number;
  frame: Frame;
  isDoubtful: boolean;
}

/** Rough cost of a queued segment besides its bytes. */
const OVERHEAD_BYTES = 256;

export class SegmentQueue {
  private segments: QueuedSegment[] = [];
  private doubtful = 0;
  weight = 0;

  get length(): number {
    return this.segments.length;
  }

  first(): QueuedSegment | undefined {
    return this.segments[0];
  }

  removeFirst(): void {
    const segment = this.segments.shift();
    if (segment !== undefined) this.forget(segment);
  }

  clear(): void {
    this.segments = [];
    this.weight = 0;
    this.doubtful = 0;
  }

  /** Sequence number after the last queued byte. */
  get end(): number {
    return endOf(this.segments[this.segments.length - 1]);
  }

  some(test: (segment: QueuedSegment) => boolean): boolean {
    return this.segments.some(test);
  }

  /** Removes the doubtful segments that match the test. */
  dropDoubtful(test: (end: number, sequence: number) => boolean): void {
    if (this.doubtful === 0) return;
    const kept: QueuedSegment[] = [];
    for (const segment of this.segments) {
      if (segment.isDoubtful && test(endOf(segment), segment.sequence)) this.forget(segment);
      else kept.push(segment);
    }
    this.segments = kept;
  }

  private forget(segment: QueuedSegment): void {
    this.weight -= segment.weight;
    if (segment.isDoubtful) this.doubtful--;
  }

  /** Inserts the new bytes of a segment; returns their number. */
  insert({ sequence, bytes, lost, frame, isDoubtful }: NewSegment): number {
    const { segments } = this;
    const end = (sequence + bytes.length) | 0;
    let cursor = sequence;
    let added = 0;
    let at = segments.length;
    while (at > 0 && before(sequence, endOf(segments[at - 1]))) at--;
    const add = (until: number, lostBehind: number) => {
      const length = (until - cursor) | 0;
      const start = (cursor - sequence) | 0;
      const weight = length + OVERHEAD_BYTES;
      segments.splice(at, 0, {
        sequence: cursor,
        bytes: bytes.subarray(start, start + length),
        lost: lostBehind,
        capturedAt: frame.capturedAt,
        frame,
        isDoubtful,
        weight,
      });
      this.weight += weight;
      if (isDoubtful) this.doubtful++;
      added += length;
      at++;
    };
    for (; at < segments.length && before(segments[at].sequence, end); at++) {
      const { sequence: known } = segments[at];
      const knownEnd = endOf(segments[at]);
      if (before(cursor, known)) add(known, 0);
      if (before(cursor, knownEnd)) cursor = knownEnd;
    }
    if (before(cursor, end) || (lost > 0 && cursor === end)) add(end, lost);
    return added;
  }
}

export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

function endOf(segment: QueuedSegment): number {
  return (segment.sequence + segment.bytes.length) | 0;
}
