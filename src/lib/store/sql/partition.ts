/** What a database that has partitions can do with them; one value for each such dialect. */
import type { Period } from '../period.js';
import type { Session } from './session.js';

export interface StoredPartition {
  name: string;
  /** Seconds since 1970 of the first second after it; Infinity for what takes all that has no partition. */
  until: number;
  /** As the server estimates, unless they were counted. */
  rows: number;
  bytes: number;
}

export interface PartitionWork {
  /** The oldest first. */
  list(session: Session, table: string): Promise<StoredPartition[]>;
  make(session: Session, table: string, time: string, period: Period): Promise<void>;
  /** Its rows as FROM takes them. */
  rowsText(table: string, name: string): string;
  drop(session: Session, table: string, name: string): Promise<void>;
}
