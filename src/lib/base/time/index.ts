/** Times as people write and read them, in a zone. */
export { parseTime, spanOf } from './time-input.js';
export { Zone } from './zone.js';
