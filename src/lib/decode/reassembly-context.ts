/** State shared by all TCP streams of a decoder: the handler, what is held, what became of the current frame. */
import { LinkedList, LinkedTable, NO_FRAMES, type Counters, type Frame } from '../base/index.js';
import { FrameAccount } from './connection-frames.js';
import type { DecodeHandler } from './handler.js';
import { compactFrame } from './frame-copies.js';
import type { Hole, HoleOwner } from './hole.js';
import type { Packet } from './packet.js';
import type { StreamLimits } from './stream-limits.js';

export class ReassemblyContext {
  /** The holes in all streams, oldest first. */
  readonly holes = new LinkedTable<HoleOwner, Hole>();
  heldBytes = 0;
  /** The frames of connections, where they are kept. */
  readonly frameAccount: FrameAccount | null;
  /** Packet time. */
  now = 0;
  /** The frame being decoded; null while streams are given up without one. */
  frameInHand: Frame | null = null;
  /** What became of the current segment. */
  delivered = false;
  held = false;

  constructor(
    readonly handler: DecodeHandler,
    /** Describes bytes delivered later than their own segment; in-order segments have their own packet. */
    readonly late: Packet,
    readonly limits: StreamLimits,
    readonly counters: Counters,
  ) {
    this.frameAccount = late.keepsFrames ? new FrameAccount(new LinkedList()) : null;
  }

  /** The current frame, if frames are kept: it made something be given up that came in others. */
  triggeringFrames(): readonly Frame[] {
    return this.late.keepsFrames && this.frameInHand !== null ? [compactFrame(this.frameInHand)] : NO_FRAMES;
  }
}
