/**
 * Limits the sending rate: a token bucket. A limit that follows the arrivals is twice their rate, and never less than a
 * minimum, so that a backlog always shrinks.
 */
import type { Clock } from '../../base/index.js';

const BURST_SECONDS = 0.002;
/** A receiver with the system's default buffer of 208 KiB holds about 90 datagrams. */
const BURST = 32;
/** A limit above its minimum has to keep up with the arrivals although timers fire late. */
const LATE_SECONDS = 0.05;
const REVIEW_MS = 1000;
const ARRIVALS = 2;

export class RateLimit {
  private tokens = 0;
  private filledAtMs: number;
  private reviewedAtMs: number;
  private reviewedArrivals = 0;
  private packetsPerSecond: number;

  /** `arrivals` counts arriving packets, for a limit that follows them; null for a fixed one. */
  constructor(
    private readonly clock: Clock,
    private readonly minimum: number,
    private readonly arrivals: (() => number) | null = null,
  ) {
    this.packetsPerSecond = minimum;
    this.filledAtMs = this.reviewedAtMs = clock.monotonic();
    this.tokens = this.burst();
  }

  /** True when one more packet may be sent now. */
  take(): boolean {
    if (this.tokens < 1) this.fill();
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  /** Milliseconds until the next packet may be sent. */
  waitMs(): number {
    return this.tokens >= 1 ? 0 : Math.max(1, ((1 - this.tokens) * 1000) / this.packetsPerSecond);
  }

  private fill(): void {
    const nowMs = this.clock.monotonic();
    if (this.arrivals !== null && nowMs - this.reviewedAtMs >= REVIEW_MS) this.follow(this.arrivals(), nowMs);
    // Unused time is not made up for beyond a burst: a receiver has no room for a flood.
    this.tokens = Math.min(this.burst(), this.tokens + ((nowMs - this.filledAtMs) * this.packetsPerSecond) / 1000);
    this.filledAtMs = nowMs;
  }

  private follow(arrivals: number, nowMs: number): void {
    const perSecond = ((arrivals - this.reviewedArrivals) * 1000) / (nowMs - this.reviewedAtMs);
    this.packetsPerSecond = Math.max(this.minimum, perSecond * ARRIVALS);
    this.reviewedArrivals = arrivals;
    this.reviewedAtMs = nowMs;
  }

  private burst(): number {
    const { packetsPerSecond, minimum } = this;
    return Math.max(BURST, packetsPerSecond * BURST_SECONDS, (packetsPerSecond - minimum) * LATE_SECONDS);
  }
}
