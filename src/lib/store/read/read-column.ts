/** A column of ours in a table that is read: what SQL has for it. */
import type { TableColumn } from '../sql/table-column.js';

export interface ReadColumn extends TableColumn {
  /** In conditions. */
  sql: string;
  /** In the list of what is selected. */
  selected: string;
  /** Rows may be without it, and are candidates then. */
  mayLack: boolean;
}

/** What a table holds. */
export type TableKind = 'messages' | 'reports';
