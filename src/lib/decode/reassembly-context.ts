/** What all TCP streams of a decoder share: whom to deliver to, what is held, what happened to the frame in hand. */
import type { Counters, Frame } from '../base/index.js';
import type { DecodeHandler } from './handler.js';
import type { Packet } from './packet.js';
import type { StreamLimits } from './stream-limits.js';
import type { TcpStream } from './tcp-stream.js';

export class ReassemblyContext {
  /** Streams with a hole, the one that has waited longest first. */
  readonly waiting = new Set<TcpStream>();
  heldBytes = 0;
  /** The frame being decoded; null where streams are given up without one. */
  frameInHand: Frame | null = null;
  /** What became of the segment in hand. */
  delivered = false;
  held = false;

  constructor(
    readonly handler: DecodeHandler,
    readonly packet: Packet,
    readonly limits: StreamLimits,
    readonly counters: Counters,
  ) {}
}
