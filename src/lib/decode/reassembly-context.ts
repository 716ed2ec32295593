/** What all TCP streams of a decoder share: whom to deliver to, what is held, what happened to the frame in hand. */
import { LinkedTable, type Counters, type Frame } from '../base/index.js';
import type { DecodeHandler } from './handler.js';
import type { Hole, HoleOwner } from './hole.js';
import type { Packet } from './packet.js';
import type { StreamLimits } from './stream-limits.js';

export class ReassemblyContext {
  /** The holes in all streams, the one that has waited longest first. */
  readonly holes = new LinkedTable<HoleOwner, Hole>();
  heldBytes = 0;
  /** Packet time. */
  now = 0;
  /** The frame being decoded; null where streams are given up without one. */
  frameInHand: Frame | null = null;
  /** What became of the segment in hand. */
  delivered = false;
  held = false;

  constructor(
    readonly handler: DecodeHandler,
    /** Describes bytes that are handed on later than their own segment; segments in order are described by their own packet. */
    readonly late: Packet,
    readonly limits: StreamLimits,
    readonly counters: Counters,
  ) {}
}
