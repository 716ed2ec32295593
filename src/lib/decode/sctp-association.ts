/** One direction of an SCTP association: which transmissions were seen, and the fragments of unfinished messages. */
import type { Frame } from '../base/index.js';
import type { DataChunk } from './sctp-chunks.js';

/** Transmissions behind the newest one that are told apart from their repetition; older ones count as repeated. */
const WINDOW = 1024;

interface Piece {
  bytes: Buffer;
  first: boolean;
  last: boolean;
  frames: readonly Frame[];
  weight: number;
}

/** A message put together of its fragments. */
export interface WholeMessage {
  bytes: Buffer;
  frames: Frame[];
}

export class SctpAssociation {
  lastSeenAt = 0;
  weight = 0;
  private newest = 0;
  private begun = false;
  private readonly seen = new Uint8Array(WINDOW);
  private readonly pieces = new Map<string, Piece>();

  get unfinished(): number {
    return this.pieces.size;
  }

  /** Marks a transmission number as seen; false where it was before (RFC 9260 section 6.2). */
  isNew(transmission: number): boolean {
    const ahead = this.begun ? (transmission - this.newest) | 0 : 1;
    if (ahead > 0) {
      if (!this.begun || ahead >= WINDOW) this.seen.fill(0);
      else for (let i = 1; i < ahead; i++) this.seen[(this.newest + i) & (WINDOW - 1)] = 0;
      this.begun = true;
      this.newest = transmission;
    } else if (ahead <= -WINDOW) {
      return false;
    } else if (this.seen[transmission & (WINDOW - 1)] === 1) {
      return false;
    }
    this.seen[transmission & (WINDOW - 1)] = 1;
    return true;
  }

  /** Keeps a fragment; answers the message that it completes. */
  add(bytes: Buffer, chunk: DataChunk, frames: readonly Frame[], frameBytes: number): WholeMessage | null {
    const piece = {
      bytes: Buffer.from(bytes.subarray(chunk.from, chunk.to)),
      first: chunk.first,
      last: chunk.last,
      frames,
      weight: chunk.to - chunk.from + frameBytes + 256,
    };
    this.pieces.set(`${chunk.group} ${chunk.index}`, piece);
    this.weight += piece.weight;
    return this.complete(chunk.group, chunk.index);
  }

  private complete(group: string, index: number): WholeMessage | null {
    let first = index;
    let last = index;
    for (let piece = this.pieces.get(`${group} ${first}`); !piece?.first; piece = this.pieces.get(`${group} ${first}`)) {
      if (piece === undefined) return null;
      first = (first - 1) | 0;
    }
    for (let piece = this.pieces.get(`${group} ${last}`); !piece?.last; piece = this.pieces.get(`${group} ${last}`)) {
      if (piece === undefined) return null;
      last = (last + 1) | 0;
    }
    const parts: Buffer[] = [];
    const frames = new Set<Frame>();
    for (let at = first; ; at = (at + 1) | 0) {
      const key = `${group} ${at}`;
      const piece = this.pieces.get(key)!;
      parts.push(piece.bytes);
      for (const frame of piece.frames) frames.add(frame);
      this.weight -= piece.weight;
      this.pieces.delete(key);
      if (at === last) return { bytes: Buffer.concat(parts), frames: [...frames] };
    }
  }
}
