/** What a batch spool needs. */
import type { Clock, Log } from '../../base/index.js';
import type { OnRefused } from '../batch/refused-rows.js';
import type { SpoolLog } from '../spool/index.js';
import type { StreamStore } from './stream-gap.js';

export interface BatchSpoolOptions {
  spool: SpoolLog;
  /** Stores what was spooled; also one of the direct drivers: the two never write at the same time. */
  store: StreamStore;
  log: Log;
  clock?: Clock;
  /** Milliseconds that a batch may be in flight before it goes to the spool as well. */
  patienceMs: number;
  /** First pause after the database refused. */
  retryMs?: number;
  /** What the log says is done while the database is unavailable. */
  onOutage?: string;
  onRefused: OnRefused;
}
