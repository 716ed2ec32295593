/** Rows that the database does not accept in time, kept in a durable spool and stored later. How: states.ts. */
export { BatchReader, RECORD_ROWS, isListOf, isObject, isSequence, isStreamName } from './batch-record.js';
export { BatchSpool } from './batch-spool.js';
export type { BatchSpoolOptions } from './batch-spool-options.js';
export type { RawRecords } from './raw-records.js';
export { SpooledSink, type Spoolable } from './spooled-sink.js';
export type { StreamStore } from './stream-gap.js';
export type { SpoolLegacy } from './spool-accounts.js';
export type { SpoolState } from './states.js';
