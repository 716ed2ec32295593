/**
 * The latest frames of one TCP connection, both directions, where frames are kept: a message is written with everything that
 * was sent since the one before it, so that a reader of the file decides about order, gaps and ends as we did.
 */
import type { Frame, LinkedEntry, LinkedList } from '../base/index.js';
import { compactFrame } from './held-frames.js';

/** Rough cost of a kept frame besides its bytes. */
const OVERHEAD_BYTES = 256;
/** Of one connection: the largest message and as much of the other direction. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_BYTES_OF_ALL = 48 * 1024 * 1024;

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

  constructor(private readonly account: FrameAccount) {}

  /** Position after the last frame. */
  get end(): number {
    return this.dropped + this.frames.length;
  }

  get last(): Frame | undefined {
    return this.frames[this.frames.length - 1];
  }

  add(frames: readonly Frame[]): void {
    const { account } = this;
    if (this.frames.length === 0) account.holders.link(this);
    for (const frame of frames) {
      this.frames.push(frame);
      this.charge(weightOf(frame));
    }
    if (this.bytes > MAX_BYTES) this.drop(this.frames.length >> 1);
    while (account.bytes > MAX_BYTES_OF_ALL) account.holders.oldest!.clear();
  }

  /** The frames from a position on, as far as they are kept. */
  since(position: number): Frame[] {
    return this.frames.slice(Math.max(0, position - this.dropped));
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

/** The frame in hand and those of its connection, for one direction that had its last message at `position`. */
export function framesSince(frames: ConnectionFrames, position: number, inHand: Frame | null): readonly Frame[] {
  const found = frames.since(position);
  const { last } = frames;
  // What another connection's frame made come out needs that frame, too.
  if (inHand !== null && (last?.number !== inHand.number || last.sourceIndex !== inHand.sourceIndex)) found.push(compactFrame(inHand));
  return found;
}

function weightOf(frame: Frame): number {
  return frame.to - frame.from + OVERHEAD_BYTES;
}
