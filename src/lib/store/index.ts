/** Databases behind one contract: three verbs for rows, and positions, tables, retention. */
export { booksDefinition, tableDefinition } from './sql/definitions.js';
export { findCall, findReports, type ReportFilter } from './read/find-reports.js';
export { type StoredMessage, type StoredReport } from '../base/index.js';
export { inventory, type InventoryOptions, type StoredTable } from './sql/inventory.js';
export { schemaVersion } from './sql/migrate.js';
export { loadStore } from './open.js';
export { limitsSomething, stepText, type KeepOptions } from './sql/keep.js';
export { partitionsAhead } from './sql/partitions.js';
export { retain, type RetentionOptions, type RetentionStep } from './sql/retention.js';
export { shapeOf, type PartitionBy, type TableShape } from './sql/shape-of.js';
export type { Store, StoreOptions } from './store.js';
export { TableName, strftime } from './table-name.js';
export { parseDatabaseUrl, shownUrl, type DatabaseKind, type DatabaseUrl } from './url.js';
