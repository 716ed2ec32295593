/**
 * Missing bytes in front of bytes that are there: how long they are waited for. They are given up when the receiver
 * acknowledged them (they passed, and we did not see them); where the receiver is not visible, when time has passed and
 * a message begins in what came later. A receiver that does not acknowledge them vetoes giving up.
 */
import type { LinkedEntry } from '../base/index.js';
import type { StreamLimits } from './stream-limits.js';

const NEVER = -1;

/** The stream that waits. */
export interface HoleOwner {
  /** Gives up what was waited for long enough at packet time `now`. */
  giveUpDue(now: number): void;
  /** Gives up the first hole, whatever speaks for it. */
  giveUpHole(): void;
}

export class Hole implements LinkedEntry<Hole> {
  older: Hole | null = null;
  newer: Hole | null = null;
  private acknowledgedAt = NEVER;
  private answeredAt = NEVER;
  /** A message begins in the bytes behind the hole. */
  messageFollows = false;

  constructor(
    readonly key: HoleOwner,
    private since: number,
  ) {}

  /** The stream went on: what is missing now is another hole. */
  restart(now: number): void {
    this.since = now;
    this.acknowledgedAt = NEVER;
    this.answeredAt = NEVER;
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
