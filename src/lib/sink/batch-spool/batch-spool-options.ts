/** What a batch spool needs. */
import type { Clock, Counters, Log } from '../../base/index.js';
import type { OnRefused } from '../batch/refused-rows.js';
import type { SpoolLog } from '../spool/index.js';
import type { StreamStore } from './stream-gap.js';

export interface BatchSpoolOptions {
  spool: SpoolLog;
  /** Stores the backlog; also one of the direct drivers: the two never write at the same time. */
  store: StreamStore;
  log: Log;
  /** Gets the undecoded packets of lost records, by reason. */
  dropped: Counters;
  clock?: Clock;
  /** Milliseconds that a batch may be in flight before it is also spooled. */
  patienceMs: number;
  /** First pause after the database refused. */
  retryMs?: number;
  /** What happens while the database is unavailable, for the log. */
  onOutage?: string;
  onRefused: OnRefused;
  /** Large batches may be spooled and stored in pieces: what was stored twice is recognised row by row. */
  divisible?: boolean;
}
