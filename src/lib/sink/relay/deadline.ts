/** A moment by which something has to end. */
import type { Clock } from '../../base/index.js';

export class Deadline {
  private readonly startMs: number;

  /** Infinity for none. */
  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
  ) {
    this.startMs = clock.monotonic();
  }

  get leftMs(): number {
    return Math.max(0, this.ms - (this.clock.monotonic() - this.startMs));
  }

  /** `share`: whether that much of the time is over. */
  isPast(share = 1): boolean {
    return this.clock.monotonic() - this.startMs >= this.ms * share;
  }
}
