/** Attempts to store one batch after the other: each outage is logged once, with growing delays. */
import type { Log, StoreBatch, StoreDriver, WriteOutcome } from '../../base/index.js';
import type { FinalOutcome } from './direct-write.js';
import { moveOverGap, type StreamStore } from './stream-gap.js';

const RETRY_MS = 500;
const MAX_RETRY_MS = 5000;

export class StoreAttempts {
  /** Attempts that failed since the database last took a batch. */
  failures = 0;
  /** Later failures are due to the connections being closed. */
  isStopping = false;

  constructor(
    private readonly store: StreamStore,
    private readonly log: Log,
    private readonly retryMs = RETRY_MS,
    private readonly onOutage = 'spooling rows',
    private readonly onLogged: () => void = () => {},
  ) {}

  /** Null if the batch has to be retried. */
  async attempt(batch: StoreBatch, driver: StoreDriver = this.store): Promise<FinalOutcome | null> {
    let reason: string;
    try {
      let outcome = await driver.write(batch);
      if (outcome.outcome === 'conflict') {
        if (!(await moveOverGap(this.store, batch))) return { outcome: 'known' };
        outcome = await driver.write(batch);
      }
      if (outcome.outcome === 'stored' || outcome.outcome === 'known') {
        if (this.failures > 0) this.log.info(`database available again after ${this.failures} attempts`);
        this.failures = 0;
        return outcome;
      }
      reason = outcome.outcome === 'unavailable' ? outcome.reason : outcome.outcome;
    } catch (error) {
      reason = (error as Error).stack ?? String(error);
    }
    this.failed(reason);
    return null;
  }

  /** A write whose batch was spooled meanwhile. */
  async awaitLate(answer: Promise<WriteOutcome>): Promise<void> {
    try {
      const outcome = await answer;
      if (outcome.outcome === 'unavailable') this.failed(outcome.reason);
    } catch (error) {
      // A driver that throws has a bug; the batch is safe in the spool, and is retried.
      this.log.error(`writing to the database failed: ${(error as Error).stack ?? String(error)}`);
    }
  }

  failed(reason: string): void {
    if (this.failures++ > 0 || this.isStopping) return;
    this.log.warn(`database unavailable (${reason}); ${this.onOutage}`);
    this.onLogged();
  }

  /** Longer with each failure, and never in step with other writers. */
  get pauseMs(): number {
    if (this.failures === 0) return this.retryMs;
    return Math.min(this.retryMs * 2 ** Math.min(this.failures - 1, 8), MAX_RETRY_MS) * (0.5 + Math.random() / 2);
  }
}
