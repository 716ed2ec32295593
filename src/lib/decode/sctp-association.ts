/** One direction of an SCTP association: the transmissions seen, and the fragments of incomplete messages. */
import type { Frame, LinkedEntry } from '../base/index.js';
import type { DataChunk } from './sctp-chunks.js';
import { TransmissionWindow } from './transmission-window.js';

interface Piece {
  bytes: Buffer;
  first: boolean;
  last: boolean;
  frames: readonly Frame[];
  weight: number;
}

/** A message assembled from its fragments. */
export interface WholeMessage {
  bytes: Buffer;
  frames: Frame[];
}

export class SctpAssociation implements LinkedEntry<SctpAssociation> {
  older: SctpAssociation | null = null;
  newer: SctpAssociation | null = null;
  lastSeenAt = 0;
  weight = 0;
  readonly transmissions = new TransmissionWindow();
  /** True once a checksum was right: from then on a wrong one marks a packet that the receiver drops. */
  hasChecksums = false;
  private readonly pieces = new Map<string, Piece>();

  constructor(readonly key: string) {}

  get unfinished(): number {
    return this.pieces.size;
  }

  /** Keeps a fragment; returns the message that it completes. */
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
