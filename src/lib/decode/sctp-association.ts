/** One direction of an SCTP association: the transmissions seen, and the fragments of incomplete messages. */
import { ownCopy, type Frame, type LinkedEntry } from '../base/index.js';
import type { Endpoints } from './endpoints.js';
import type { DataChunk } from './sctp-chunks.js';
import { TransmissionWindow } from './transmission-window.js';

/** Rough cost of a fragment besides its bytes. */
const OVERHEAD_BYTES = 512;

interface Piece {
  group: string;
  bytes: Buffer;
  first: boolean;
  last: boolean;
  /** The snap length cut off its end. */
  cut: boolean;
  /** Ends of the pieces in a row around it; right in the first and the last of them. */
  from: number;
  to: number;
  /** The frame it came in, without bytes. */
  frame: Frame;
  frames: readonly Frame[];
  weight: number;
}

/** A message assembled from its fragments, or its beginning. */
export interface AssembledMessage {
  bytes: Buffer;
  frames: Frame[];
  /** The frame of the fragment that arrived last, without bytes. */
  frame: Frame;
  /** Time at which the last of the bytes arrived. */
  at: number;
}

export class SctpAssociation implements LinkedEntry<SctpAssociation> {
  older: SctpAssociation | null = null;
  newer: SctpAssociation | null = null;
  /** Time of the last data. */
  lastSeenAt = 0;
  /** Its place in the table: the same, but while fragments wait the time of the last of them. */
  placedAt = 0;
  weight = 0;
  readonly transmissions = new TransmissionWindow();
  /** True once a checksum was right: from then on a wrong one marks a packet that the receiver drops. */
  hasChecksums = false;
  /** It has data of several VLANs or tunnels. */
  isMixed = false;
  /** Associations with the same endpoints and tag whose data contradicted this one's, by VLAN and tunnel. */
  twins: Map<number, SctpAssociation> | null = null;
  /** Set with the first fragment. */
  endpoints: Endpoints | null = null;
  private readonly pieces = new Map<string, Piece>();

  /** `scope`: VLANs and tunnel of its first packet. */
  constructor(
    readonly key: string,
    readonly scope: number,
  ) {}

  get unfinished(): number {
    return this.pieces.size;
  }

  /** Keeps a fragment; returns the message that it completes. `frame` is without bytes, `frames` are held. */
  add(bytes: Buffer, chunk: DataChunk, frame: Frame, frames: readonly Frame[], frameBytes: number): AssembledMessage | null {
    const { group, index, first, last, cut, from, to } = chunk;
    if (this.pieces.has(keyOf(group, index))) return null;
    const weight = to - from + frameBytes + OVERHEAD_BYTES;
    const piece: Piece = {
      group,
      bytes: ownCopy(bytes, from, to),
      first,
      last,
      cut,
      from: index,
      to: index,
      frame,
      frames,
      weight,
    };
    const before = first ? undefined : this.pieces.get(keyOf(group, index - 1));
    if (before !== undefined && !before.last && !before.cut) piece.from = before.from;
    const after = last || cut ? undefined : this.pieces.get(keyOf(group, index + 1));
    if (after !== undefined && !after.first) piece.to = after.to;
    this.pieces.set(keyOf(group, index), piece);
    this.weight += weight;
    const begin = this.pieces.get(keyOf(group, piece.from))!;
    const end = this.pieces.get(keyOf(group, piece.to))!;
    begin.to = piece.to;
    end.from = piece.from;
    return begin.first && end.last && !end.cut ? this.take(begin) : null;
  }

  /** What there is of messages whose first fragment arrived, in the order in which these did. */
  takeBeginnings(): AssembledMessage[] {
    return [...this.pieces.values()].filter(({ first }) => first).map((begin) => this.take(begin));
  }

  /** Drops all fragments. */
  clear(): void {
    this.pieces.clear();
    this.weight = 0;
  }

  /** Takes out the pieces in a row from the first of them on. */
  private take(begin: Piece): AssembledMessage {
    const parts: Buffer[] = [];
    const frames = new Set<Frame>();
    let { frame } = begin;
    for (let at = begin.from; ; at = (at + 1) | 0) {
      const key = keyOf(begin.group, at);
      const piece = this.pieces.get(key)!;
      parts.push(piece.bytes);
      if (piece.frame.capturedAt >= frame.capturedAt) frame = piece.frame;
      for (const each of piece.frames) frames.add(each);
      this.weight -= piece.weight;
      this.pieces.delete(key);
      if (at === begin.to) return { bytes: Buffer.concat(parts), frames: [...frames], frame, at: frame.capturedAt };
    }
  }
}

function keyOf(group: string, index: number): string {
  return `${group} ${index | 0}`;
}
