/** Waiting times between attempts: doubling, bounded, with jitter so that many nodes do not come back at once. */
const FIRST_MS = 250;

export class BackOff {
  private nextMs = FIRST_MS;

  /** `random` gives numbers from 0 to 1, as Math.random does. */
  constructor(
    private readonly mostMs: number,
    private readonly random: () => number,
  ) {}

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const waitMs = Math.min(this.nextMs, this.mostMs) * (0.5 + this.random() / 2);
    this.nextMs = Math.min(this.nextMs * 2, this.mostMs);
    return waitMs;
  }

  reset(): void {
    this.nextMs = FIRST_MS;
  }
}
