/** A driver and what else the services ask of a database: positions, tables, definitions. */
import type { StoreDriver, StreamState } from '../base/index.js';
import type { TableShape } from './definitions.js';

export interface Store extends StoreDriver {
  /** Streams whose key begins so, as last committed. */
  streams(prefix: string): Promise<StreamState[]>;
  hasTable(table: string): Promise<boolean>;
  /** Makes a table of that shape where it is missing. */
  makeTable(shape: TableShape, table: string): Promise<void>;
}

