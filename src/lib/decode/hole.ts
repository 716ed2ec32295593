/**
 * Missing bytes before queued ones, and how long to wait for them. They are given up once the receiver has acknowledged
 * them (they passed unseen); if the receiver is not visible, once time has passed and a message begins in what came
 * later. A receiver that does not acknowledge them vetoes giving up.
 */
import type { LinkedEntry } from '../base/index.js';
import type { StreamLimits } from './stream-limits.js';

const NEVER = -1;

/** The stream that has the hole. */
export interface HoleOwner {
  /** Gives up the holes that are due at packet time `now`. */
  giveUpDue(now: number): void;
  /** Gives up the first hole unconditionally. */
  giveUpHole(): void;
}

export class Hole implements LinkedEntry<Hole> {
  older: Hole | null = null;
  newer: Hole | null = null;
  private acknowledgedAt = NEVER;
  private answeredAt = NEVER;
  /** A message begins in the bytes after the hole. */
  messageFollows = false;

  constructor(
    readonly key: HoleOwner,
    private since: number,
  ) {}

  /** The stream moved on: what is missing now is another hole, known since the bytes behind it arrived. */
  restart(since: number, isAcknowledged: boolean): void {
    this.since = since;
    this.acknowledgedAt = isAcknowledged ? this.answeredAt : NEVER;
  }

  /** The receiver sent an acknowledgement, of the missing bytes or not. */
  answered(covers: boolean, now: number): void {
    this.answeredAt = now;
    if (!covers) this.acknowledgedAt = NEVER;
    else if (this.acknowledgedAt === NEVER) this.acknowledgedAt = now;
  }

  isDue(now: number, limits: StreamLimits): boolean {
    if (this.acknowledgedAt !== NEVER) return Math.abs(now - this.acknowledgedAt) >= limits.acknowledgedMilliseconds * 1000;
    return this.answeredAt === NEVER && this.messageFollows && Math.abs(now - this.since) >= limits.patienceMilliseconds * 1000;
  }
}
