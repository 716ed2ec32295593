/** Databases behind one contract: three verbs for rows, and positions, tables, retention. */
export { booksDefinition, tableDefinition } from './definitions.js';
export { findCall, findReports, type ReportFilter, type StoredMessage, type StoredReport } from './find-reports.js';
export { inventory, type InventoryOptions, type StoredTable } from './inventory.js';
export { schemaVersion } from './migrate.js';
export { loadStore } from './open.js';
export { partitionsAhead } from './partitions.js';
export { retain, type RetentionOptions, type RetentionStep } from './retention.js';
export { shapeOf, type PartitionBy, type TableShape } from './shape-of.js';
export type { Store, StoreOptions } from './store.js';
export { TableName, strftime } from './table-name.js';
export { parseDatabaseUrl, shownUrl, type DatabaseKind, type DatabaseUrl } from './url.js';
