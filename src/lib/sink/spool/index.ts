/** The durable spool: a log of records with an acknowledged position. How: spool-options.ts. */
export { expectSpoolFolder } from './access.js';
export { newestRecords } from './newest-records.js';
export { findSpools, hasSegments, inspectSpool, type SpoolReport } from './inspection.js';
export type { Damage } from './segment-reader.js';
export { SpoolLog } from './spool-log.js';
export type { SpoolOptions, SpoolStatus, SpoolSync } from './spool-options.js';
