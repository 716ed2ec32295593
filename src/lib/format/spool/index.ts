/** Spool records and segment headers, reading and writing. */
export * from './record.js';
export * from './segment-header.js';
