/** HEP listeners: UDP, TCP and TLS. */
export { AllowList } from './allow-list.js';
export type { HepArrival, ListenerSummary } from './arrival.js';
export type { StreamLimits } from './connection.js';
export { HepStreamListener, STREAM_LIMITS, type AcceptedConnections, type StreamListenerOptions } from './stream-server.js';
export { secureContext, type TlsIdentity } from './tls-identity.js';
export { HepUdpListener, type UdpListenerOptions } from './udp.js';
