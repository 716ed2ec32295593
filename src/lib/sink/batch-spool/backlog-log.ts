/**
 * What the log says about a backlog: its end only where its beginning was logged. A database that is merely busy fills and
 * empties the spool many times a second; it is named once it has been behind for some time.
 */
import type { Clock, Log } from '../../base/index.js';

const BEHIND_MS = 10_000;

export class BacklogLog {
  private began = 0;
  private isAnnounced = false;

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** The first batch is kept. `earlier`: batches of an earlier run. */
  begin(earlier: number): void {
    this.began = this.clock.monotonic();
    if (earlier === 0) return;
    this.log.info(`the spool holds ${earlier} batches of an earlier run; storing them first`);
    this.isAnnounced = true;
  }

  /** The outage was logged. */
  outage(): void {
    this.isAnnounced = true;
  }

  /** `backlog` batches wait, and the database stores them. */
  progress(backlog: number): void {
    if (this.isAnnounced || backlog === 0 || this.clock.monotonic() - this.began < BEHIND_MS) return;
    this.log.warn(`the database is behind: ${backlog} batches wait in the spool`);
    this.isAnnounced = true;
  }

  /** Nothing waits. */
  end(isDraining: boolean): void {
    if (this.isAnnounced && !isDraining) this.log.info('the spool is empty; writing to the database directly again');
    this.isAnnounced = false;
  }
}
