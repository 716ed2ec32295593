/** Databases behind one contract: three verbs for rows, and positions, tables, retention. */
export { booksDefinition, tableDefinition } from './definitions.js';
export { loadStore } from './open.js';
export { shapeOf, type PartitionBy, type TableShape } from './shape-of.js';
export type { Store, StoreOptions } from './store.js';
export { TableName, strftime } from './table-name.js';
export { parseDatabaseUrl, shownUrl, type DatabaseKind, type DatabaseUrl } from './url.js';
