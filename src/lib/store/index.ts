/** Databases behind one contract: three verbs for rows, and positions, tables, retention. */
export { type DatabaseKind, type DatabaseUrl, shownUrl } from './database-url.js';
export { engineOf, refusePartitions } from './engines.js';
export { loadStore } from './open.js';
export { ownTablesDefinition, tableDefinition } from './sql/definitions.js';
export { reasonOf } from './sql/faults.js';
export { inventory, type InventoryOptions, type StoredTable } from './sql/inventory.js';
export { limitsSomething, stepText, type KeepOptions } from './sql/keep.js';
export { migrateTables } from './sql/migrate-tables.js';
export { schemaVersion } from './sql/own-tables.js';
export { partitionsAhead } from './sql/partitions.js';
export { RefusingTables, type RefusingTable } from './sql/refusing-tables.js';
export { retain, type RetentionOptions, type RetentionStep } from './sql/retention.js';
export { shapeOf, type PartitionBy, type TableShape } from './sql/shape-of.js';
export type { Store, StoreOptions } from './store.js';
export { TableName, strftime } from './table-name.js';
export { parseDatabaseUrl } from './url.js';
export { type StoredReport } from '../base/index.js';
