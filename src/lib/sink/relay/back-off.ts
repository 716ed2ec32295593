/**
 * Delays between attempts: doubling up to a limit, with jitter so that many nodes do not return at once. After a number
 * of consecutive failures a longer one, if configured.
 */
const FIRST_MS = 250;

export interface Cooldown {
  /** Consecutive failures after which it begins; 0 means never. */
  afterFailures: number;
  ms: number;
}

export const NO_COOLDOWN: Cooldown = { afterFailures: 0, ms: 0 };

export class BackOff {
  private nextMs = FIRST_MS;
  private failures = 0;

  /** `random` returns numbers from 0 to 1, as Math.random does. */
  constructor(
    private readonly maxMs: number,
    private readonly random: () => number,
    private readonly cooldown: Cooldown = NO_COOLDOWN,
  ) {}

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    this.failures++;
    if (this.coolingDown) return this.cooldown.ms;
    const waitMs = Math.min(this.nextMs, this.maxMs) * (0.5 + this.random() / 2);
    this.nextMs = Math.min(this.nextMs * 2, this.maxMs);
    return waitMs;
  }

  /** True if `next` returns the long pause. */
  get coolingDown(): boolean {
    return this.cooldown.afterFailures > 0 && this.failures >= this.cooldown.afterFailures;
  }

  reset(): void {
    this.nextMs = FIRST_MS;
    this.failures = 0;
  }
}
