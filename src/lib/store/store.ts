/** A driver and what else the services ask of a database: positions, tables, definitions. */
import type { Clock, Counters, Log, StoreDriver, StreamState } from '../base/index.js';
import type { Access } from './engine.js';
import type { RefusingTables } from './sql/refusing-tables.js';
import type { PartitionBy, TableShape } from './sql/shape-of.js';

export interface StoreOptions {
  log: Log;
  clock: Clock;
  /** Names that columns of ours have in the user's tables (`*_column`). */
  renames: Readonly<Record<string, string>>;
  /** Periods of the partitions of tables that are created on demand. */
  partition: PartitionBy;
  /** True where rows are new: then partitions are created only for the last days and the next one. */
  live: boolean;
  access: Access;
  /** Milliseconds after which a server that does not respond is given up, and asked again over a new connection. */
  answerMs: number;
  /** Milliseconds after which a batch that fails for unknown reasons on a working connection is stored without the rows that fail. */
  isolateAfterMs: number;
  /** Milliseconds after which the columns of a table are read again, in case somebody altered it. */
  lookEveryMs: number;
  /** Tables that refuse all rows, shared by the connections of an output. */
  refusing: RefusingTables;
}

export interface Store extends StoreDriver {
  /** Streams whose key begins so, and has `part` in it, as last committed. */
  streams(prefix: string, part?: string): Promise<StreamState[]>;
  /** Moves a stream forward to that state, over batches that will never come; it is never moved back. */
  advance(state: StreamState): Promise<void>;
  /** The database's name for the type of the table's column `date`, null where there is none. */
  timeType(table: string): Promise<string | null>;
  hasTable(table: string): Promise<boolean>;
  /** Creates a table of that shape where it is missing, and enters it as ours. */
  makeTable(shape: TableShape, table: string, partition?: PartitionBy): Promise<void>;
  /** Values that were changed to fit a column, by `cut_`, `replaced_` or `clamped_` and the column's name. */
  readonly adjusted: Counters;
}
