/** The ground floor: words that every room uses. Imports Node alone. */
export * from './address.js';
export * from './bytes.js';
export * from './clock.js';
export * from './contracts.js';
export * from './counters.js';
export * from './datagrams.js';
export * from './echo.js';
export * from './endpoint.js';
export * from './fault.js';
export * from './frame.js';
export * from './log.js';
export * from './message.js';
export * from './sip-fields.js';
export * from './store.js';
