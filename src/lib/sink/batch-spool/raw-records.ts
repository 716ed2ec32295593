/** Other records in a spool of batches, which become batches only when it is their turn. */
import type { StoreBatch } from '../../base/index.js';

/** Records of another type, which become batches when they are read. */
export interface RawRecords {
  type: number;
  /** Null if the record is not understood. Its rows count as delivered from then on; `again`: they did before. */
  read(record: Buffer, again: boolean): StoreBatch | null;
  /** Makes a record of the packets collected so far; false if there are none. */
  flush(): boolean;
  /** True while rows are in memory that are older than the first of these records. */
  rowsBefore(): boolean;
}
