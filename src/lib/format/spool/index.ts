/** Spool records and segment headers, both ways. */
export * from './record.js';
export * from './segment-header.js';
