/** The partition operations of an engine. */
import type { Period } from '../period.js';
import type { Range } from './partition-steps.js';
import type { Queries } from './queries.js';

export interface StoredPartition {
  name: string;
  /** Seconds since 1970 of the first second after it; Infinity for the default partition. */
  until: number;
  /** As the server estimates, unless they were counted. */
  rows: number;
  bytes: number;
}

export interface PartitionWork {
  /** Every table has partitions of this period, and the server makes them. */
  always?: 'day';
  /** File of sql/ that completes a partitioned table, '' where none is needed. */
  completion: string;
  /** True where the table was created with partitions. */
  partitioned(queries: Queries, table: string): Promise<boolean>;
  /** The oldest first. */
  list(queries: Queries, table: string): Promise<StoredPartition[]>;
  make(queries: Queries, table: string, time: string, period: Period): Promise<void>;
  /** Its rows as FROM takes them. */
  rowsText(table: string, name: string): string;
  drop(queries: Queries, table: string, name: string): Promise<void>;
}

export interface StepPartition extends Range {
  name: string;
}

/** As above for tables whose partitions come in steps. */
export interface StepWork {
  /** Length of a partition in a table that has none yet. */
  defaultSeconds(table: string): number;
  /** In order of time. */
  list(queries: Queries, table: string): Promise<StepPartition[]>;
  /** `taken`: names of its partitions. */
  make(queries: Queries, table: string, range: Range, taken: ReadonlySet<string>): Promise<void>;
}
