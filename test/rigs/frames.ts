/**
 * Makes frames for tests, layer around layer: `ethernet(IPV4, ipv4({ protocol: 17 }, udp({}, payload)))`. Lengths and
 * IPv4 header checksums are right unless told otherwise; UDP and TCP checksums are right where `udpPacket` and
 * `tcpPacket` make them, since they need the addresses.
 */
export * from './frames/capture-links.js';
export * from './frames/ip.js';
export * from './frames/links.js';
export * from './frames/numbers.js';
export * from './frames/packets.js';
export * from './frames/transport.js';
export * from './frames/tunnels.js';
