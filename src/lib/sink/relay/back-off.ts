/**
 * Waiting times between attempts: doubling, bounded, with jitter so that many nodes do not come back at once. After so
 * many failures in a row a rest, where one is wanted.
 */
const FIRST_MS = 250;

export interface Rest {
  /** Failures in a row after which a target rests; 0 is never. */
  afterFailures: number;
  ms: number;
}

export const NO_REST: Rest = { afterFailures: 0, ms: 0 };

export class BackOff {
  private nextMs = FIRST_MS;
  private failures = 0;

  /** `random` gives numbers from 0 to 1, as Math.random does. */
  constructor(
    private readonly mostMs: number,
    private readonly random: () => number,
    private readonly rest: Rest = NO_REST,
  ) {}

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    this.failures++;
    if (this.isResting) return this.rest.ms;
    const waitMs = Math.min(this.nextMs, this.mostMs) * (0.5 + this.random() / 2);
    this.nextMs = Math.min(this.nextMs * 2, this.mostMs);
    return waitMs;
  }

  /** True where what `next` gives is the rest. */
  get isResting(): boolean {
    return this.rest.afterFailures > 0 && this.failures >= this.rest.afterFailures;
  }

  reset(): void {
    this.nextMs = FIRST_MS;
    this.failures = 0;
  }
}
