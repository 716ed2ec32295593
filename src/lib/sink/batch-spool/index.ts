/** Rows that wait for their database in a durable spool. */
export { RECORD_ROWS } from './batch-record.js';
export { BatchSpool, type BatchSpoolOptions, type RawRecords, type StreamStore } from './batch-spool.js';
export { SpooledSink, type Spoolable } from './spooled-sink.js';
