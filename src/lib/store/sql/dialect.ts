/** The differences between engines in their common SQL, as a value: nothing else checks which engine it is. */
import type { Naming } from './names.js';
import type { PartitionWork, StepWork } from './partition.js';
import type { Queries } from './queries.js';
import type { TableColumn } from './table-column.js';

export interface TableSize {
  rows: number;
  /** False if the server estimates. */
  exact: boolean;
  /** Space used by rows, including indexes: deleting does not shrink files. */
  bytes: number;
}

export interface Dialect extends Naming {
  /** Opens a transaction for writing. */
  begin: string;
  /** Null for engines without partitions. */
  partitions: PartitionWork | null;
  /** Null for engines without tables that are partitioned in steps. */
  steps: StepWork | null;
  /** A column of times as text, `YYYY-MM-DD HH:MM:SS` and more; by CAST where absent. */
  timeText?(name: string): string;
  /** How a time is bound to be compared with such a column; `?` where absent. */
  timeValue?: string;
  /** That a column contains the bound text, null if it is of a kind that cannot be searched; by INSTR where absent. */
  contains?(column: { readonly sql: string; readonly kind: TableColumn['kind'] }): string | null;
  /** Values are part of a statement's text, which must not be long; statements are not prepared. */
  inlinesValues?: boolean;
  /** Ends an INSERT so that it replaces the row with the same key; '' where rows are replaced anyway. */
  replacing(key: string, others: readonly string[]): string;
  /** All tables that can be named without a schema, as rows of `name`. */
  listTables: string;
  /** Deletes the `rows` oldest rows of a table (`text`: its name as SQL names it). */
  deleteOldest(text: string, time: string, rows: number): string;
  /** `count`: exactly, which takes long on large tables. `refresh`: the server's statistics may be brought up to date. */
  tableSize(queries: Queries, table: string, count: boolean, refresh: boolean): Promise<TableSize>;
  /** Lets these columns be NULL (schema version 2), in one transaction where the engine has such for definitions. */
  makeNullable(queries: Queries, table: string, columns: readonly string[], time: string): Promise<void>;
}

/** `replacing` in PostgreSQL and SQLite. */
export function onConflict(key: string, others: readonly string[]): string {
  return `ON CONFLICT (${key}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}
