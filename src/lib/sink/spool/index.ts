/** The durable spool: a log of records with an acknowledged position. */
export { findSpools, inspectSpool, type SpoolReport } from './inspection.js';
export type { Damage } from './segment-reader.js';
export { SpoolLog, type SpoolStatus } from './spool-log.js';
export type { SpoolOptions, SpoolSync } from './spool-options.js';
