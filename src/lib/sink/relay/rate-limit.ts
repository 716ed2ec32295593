/**
 * How fast a backlog is sent: a token bucket. An automatic limit doubles each second in which the backlog
 * did not shrink, so that it never holds up more than comes in.
 */
import type { Clock } from '../../base/index.js';

const BURST_SECONDS = 0.002;
const MIN_BURST = 8;
const REVIEW_MS = 1000;

export class RateLimit {
  private tokens: number;
  private filledAtMs: number;
  private reviewedAtMs: number;
  private reviewed = Infinity;

  constructor(
    private readonly clock: Clock,
    private packetsPerSecond: number,
    private readonly automatic: boolean,
  ) {
    this.tokens = this.burst();
    this.filledAtMs = this.reviewedAtMs = clock.monotonic();
  }

  /** True when one more packet may go now. */
  take(backlog: number): boolean {
    if (this.tokens < 1) this.fill(backlog);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  /** Milliseconds until the next packet may go. */
  waitMs(): number {
    return this.tokens >= 1 ? 0 : Math.max(1, ((1 - this.tokens) * 1000) / this.packetsPerSecond);
  }

  private fill(backlog: number): void {
    const nowMs = this.clock.monotonic();
    if (this.automatic && nowMs - this.reviewedAtMs >= REVIEW_MS) {
      if (backlog >= this.reviewed) this.packetsPerSecond *= 2;
      this.reviewed = backlog;
      this.reviewedAtMs = nowMs;
    }
    // What was missed while nobody asked (a timer came late) may follow, up to 50 ms of it.
    const most = Math.max(this.burst(), this.packetsPerSecond / 20);
    this.tokens = Math.min(most, this.tokens + ((nowMs - this.filledAtMs) * this.packetsPerSecond) / 1000);
    this.filledAtMs = nowMs;
  }

  private burst(): number {
    return Math.max(MIN_BURST, this.packetsPerSecond * BURST_SECONDS);
  }
}
