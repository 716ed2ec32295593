/** What a batch spool needs, and the raw records that it can keep beside batches. */
import type { Log, StoreBatch } from '../../base/index.js';
import type { OnRefused } from '../batch/refused-rows.js';
import type { SpoolLog } from '../spool/index.js';
import type { StreamStore } from './stream-gap.js';

export interface BatchSpoolOptions {
  spool: SpoolLog;
  /** Stores what was spooled; also one of the direct drivers: the two never write at the same time. */
  store: StreamStore;
  log: Log;
  /** Milliseconds that a batch may be in flight before it goes to the spool as well. */
  patienceMs: number;
  /** First pause after the database refused. */
  retryMs?: number;
  /** What the log says is done while the database is unavailable. */
  onOutage?: string;
  onRefused: OnRefused;
}

/** Records of another type, which become batches when they are read. */
export interface RawRecords {
  type: number;
  /** Null where the record is not understood. Its rows count as delivered from then on. */
  read(record: Buffer): StoreBatch | null;
  /** Makes a record of the packets collected so far; false if there are none. */
  flush(): boolean;
  /** True while rows are in memory that are older than the first of these records. */
  rowsBefore(): boolean;
}
