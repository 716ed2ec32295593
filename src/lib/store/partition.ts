/** What a database that has partitions can do with them; one value for each such dialect. */
import type { Period } from './period.js';
import type { Session } from './session.js';

export interface StoredPartition {
  name: string;
  /** Seconds since 1970 of the first second after it; Infinity for what takes all that has no partition. */
  until: number;
  /** As the server estimates. */
  rows: number;
  bytes: number;
}

export interface PartitionWork {
  list(session: Session, table: string): Promise<StoredPartition[]>;
  make(session: Session, table: string, time: string, period: Period): Promise<void>;
  drop(session: Session, table: string, name: string): Promise<void>;
}
