/** HEP listeners. */
export type { HepArrival, ListenerSums } from './arrival.js';
export { HepStreamListener, STREAM_LIMITS, type StreamLimits } from './stream-server.js';
export { HepUdpListener } from './udp.js';
