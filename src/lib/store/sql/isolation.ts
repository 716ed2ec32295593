/**
 * Errors of unknown cause are the server's at first: the batch is retried. If it keeps failing although the
 * connection works, they are treated as the rows' own: the batch is stored without the rows that fail, table by table.
 * A table that refused all of its rows in this way is remembered (refusing-tables.ts), so the next batches need not wait again.
 */
import type { Clock, StoreBatch } from '../../base/index.js';

const MIN_FAILURES = 3;

export class Isolation {
  private batch: StoreBatch | null = null;
  private failures = 0;
  private since = 0;

  /** `afterMs`: how long a batch must have failed. */
  constructor(
    private readonly clock: Clock,
    private readonly afterMs: number,
  ) {}

  /** The batch failed on a connection that works. */
  failed(batch: StoreBatch): void {
    if (batch !== this.batch) {
      this.batch = batch;
      this.failures = 0;
      this.since = this.clock.monotonic();
    }
    this.failures++;
  }

  /** True if errors of unknown cause are to be treated as the rows' own. */
  wanted(batch: StoreBatch): boolean {
    return batch === this.batch && this.failures >= MIN_FAILURES && this.clock.monotonic() - this.since >= this.afterMs;
  }

  stored(batch: StoreBatch): void {
    if (batch === this.batch) this.batch = null;
  }
}
