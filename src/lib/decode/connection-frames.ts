/**
 * The latest frames of one TCP connection, both directions, where frames are kept: a message is written with everything that
 * was sent since the one before it, so that a reader of the file decides about order, gaps and ends as we did.
 */
import { NO_FRAMES, type Frame, type LinkedEntry, type LinkedList } from '../base/index.js';
import { compactFrame } from './frame-copies.js';

/** Rough cost of a kept frame besides its bytes. */
const OVERHEAD_BYTES = 400;
/** Of one connection: the largest message and as much of the other direction. */
const MAX_BYTES = 2 * 1024 * 1024;
const BOTH_SIDES = 3;
const MAX_BYTES_OF_ALL = 12 * 1024 * 1024;

/** The account of all connections of a decoder. */
export class FrameAccount {
  bytes = 0;

  /** `holders`: oldest first. */
  constructor(readonly holders: LinkedList<ConnectionFrames>) {}
}

export class ConnectionFrames implements LinkedEntry<ConnectionFrames> {
  older: ConnectionFrames | null = null;
  newer: ConnectionFrames | null = null;
  private frames: Frame[] = [];
  /** How many frames were dropped before the first one that is kept. */
  private dropped = 0;
  private bytes = 0;
  private sides = 0;

  constructor(private readonly account: FrameAccount) {}

  /** Position after the last frame. */
  get end(): number {
    return this.dropped + this.frames.length;
  }

  /** Position of the first frame that is kept. */
  get start(): number {
    return this.dropped;
  }

  /** True as long as only one of the two directions was seen. */
  get isOneSided(): boolean {
    return this.sides !== BOTH_SIDES;
  }

  get last(): Frame | undefined {
    return this.frames[this.frames.length - 1];
  }

  /** `side`: 0 or 1, the direction. */
  add(frames: readonly Frame[], side: number): void {
    const { account } = this;
    this.sides |= 1 << side;
    if (this.frames.length === 0) account.holders.link(this);
    for (const frame of frames) {
      this.frames.push(frame);
      this.charge(weightOf(frame));
    }
    if (this.bytes > MAX_BYTES) this.drop(this.frames.length >> 1);
    while (account.bytes > MAX_BYTES_OF_ALL) account.holders.oldest!.clear();
  }

  /** The frames from a position on; null where some of them are not kept any more. */
  since(position: number): Frame[] | null {
    return position < this.dropped ? null : this.frames.slice(position - this.dropped);
  }

  /** Frames before this position are not needed any more. */
  prune(position: number): void {
    if (position > this.dropped) this.drop(Math.min(position - this.dropped, this.frames.length));
  }

  clear(): void {
    this.drop(this.frames.length);
  }

  private drop(count: number): void {
    if (count === 0) return;
    for (const frame of this.frames.splice(0, count)) this.charge(-weightOf(frame));
    this.dropped += count;
    if (this.frames.length === 0) this.account.holders.unlink(this);
  }

  private charge(bytes: number): void {
    this.bytes += bytes;
    this.account.bytes += bytes;
  }
}

/** The frame in hand and those of its connection from a position on; none if some of them are not kept any more. */
export function framesSince(frames: ConnectionFrames, position: number, inHand: Frame | null): readonly Frame[] {
  const found = frames.since(position);
  if (found === null) return NO_FRAMES;
  const { last } = frames;
  // What another connection's frame made come out needs that frame, too.
  if (inHand !== null && (last?.number !== inHand.number || last.sourceIndex !== inHand.sourceIndex)) found.push(compactFrame(inHand));
  return found;
}

function weightOf(frame: Frame): number {
  return frame.to - frame.from + OVERHEAD_BYTES;
}
