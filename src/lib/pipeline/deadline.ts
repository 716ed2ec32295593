/** The deadline for closing outputs: a number of seconds after it was started. */
import { timerMs, type Clock } from '../base/index.js';
import type { CloseDeadline } from './output/output.js';

/** While it has not been started. */
const FAR_MS = 7 * 86_400_000;

export class Deadline implements CloseDeadline {
  readonly passed: Promise<void>;
  private resolve!: () => void;
  private endsAt = Infinity;

  constructor(
    public seconds: number,
    private readonly clock: Clock,
  ) {
    this.passed = new Promise((resolve) => (this.resolve = resolve));
  }

  /** A second start has no effect, and neither has a new number of seconds after it. */
  start(): void {
    if (this.endsAt !== Infinity) return;
    this.endsAt = this.clock.monotonic() + this.seconds * 1000;
    setTimeout(this.resolve, timerMs(this.seconds * 1000)).unref();
  }

  get started(): boolean {
    return this.endsAt !== Infinity;
  }

  get remainingMs(): number {
    return this.endsAt === Infinity ? FAR_MS : Math.max(0, this.endsAt - this.clock.monotonic());
  }
}
