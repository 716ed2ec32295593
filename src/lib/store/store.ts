/** A driver plus what services need from a database: positions, tables, definitions. */
import type { Clock, Counters, Log, StoreDriver, StreamState } from '../base/index.js';
import type { Access } from './engine.js';
import type { ShapeName } from '../row/index.js';
import type { RefusingTables } from './sql/refusing-tables.js';
import type { PartitionBy, TableShape } from './sql/shape-of.js';

export interface StoreOptions {
  log: Log;
  clock: Clock;
  /** Names of our columns in the user's tables (`*_column`). */
  renames: Readonly<Record<string, string>>;
  /** The set of tables whose formats new tables get. */
  shape: ShapeName;
  /** Periods of the partitions of tables that are created on demand. */
  partition: PartitionBy;
  /** True if rows are new: then partitions are created only for the last days and the next one. */
  live: boolean;
  /** Rows of a table that rejects all of them are set aside, so that nothing waits behind them; absent: as `live`. */
  passesTables?: boolean;
  access: Access;
  /** Milliseconds after which an unresponsive server is given up, and retried over a new connection. */
  answerMs: number;
  /** Milliseconds after which a batch that fails for unknown reasons on a working connection is stored without the rows that fail. */
  isolateAfterMs: number;
  /** Milliseconds after which the columns of a table are read again, in case it was altered. */
  lookEveryMs: number;
  /** Tables that refuse all rows, shared by the connections of an output. */
  refusing: RefusingTables;
}

export interface Store extends StoreDriver {
  /** Streams with that key prefix, containing `part`, as last committed. */
  streams(prefix: string, part?: string): Promise<StreamState[]>;
  /** Advances a stream to that state, over batches that will never arrive; never back. */
  advance(state: StreamState): Promise<void>;
  /** Deletes streams with that key prefix; absent where nothing is kept of them. */
  forget?(prefix: string): Promise<void>;
  /** The database's name for the type of the table's column `date`, null where there is none. */
  timeType(table: string): Promise<string | null>;
  hasTable(table: string): Promise<boolean>;
  /** Creates a table of that format if missing, and registers it as ours. */
  makeTable(shape: TableShape, table: string, partition?: PartitionBy): Promise<void>;
  /** Values that were changed to fit a column, by `cut_`, `replaced_` or `clamped_` and the column's name. */
  readonly adjusted: Counters;
}
