/** The operations of a connection that SQL shared by all engines may use. */
import type { ColumnValue } from '../../base/index.js';
import type { TableColumn } from './table-column.js';

export type ResultRow = Record<string, unknown>;

export interface Queries {
  /** Statements without values or results. */
  execute(sql: string): Promise<void>;
  /** One statement with `?` for its values; returns how many rows it changed. */
  run(sql: string, values: readonly ColumnValue[]): Promise<number>;
  all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]>;
  /** The columns of a table, none if there is no such table. */
  columns(table: string): Promise<TableColumn[]>;
}
