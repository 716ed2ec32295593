/** Databases behind one contract: three verbs for rows, and positions. */
export { booksDefinition, tableDefinition, type TableShape } from './definitions.js';
export { loadStore } from './open.js';
export { shapeOf } from './shape-of.js';
export type { Store } from './store.js';
export { TableName, strftime } from './table-name.js';
export { parseDatabaseUrl, shownUrl, type DatabaseKind, type DatabaseUrl } from './url.js';
