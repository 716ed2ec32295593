/** Decoding of frames spread over worker threads. */
export { DecodePool } from './pool.js';
