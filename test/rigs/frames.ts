/**
 * Makes frames for tests, layer around layer: `ethernet(IPV4, ipv4({ protocol: 17 }, udp({}, payload)))`. Lengths and
 * IPv4 header checksums are correct by default; UDP and TCP checksums are correct if `udpPacket` and
 * `tcpPacket` create them, since they need the addresses.
 */
export * from './frames/capture-links.js';
export * from './frames/ip.js';
export * from './frames/links.js';
export * from './frames/numbers.js';
export * from './frames/packets.js';
export * from './frames/transport.js';
export * from './frames/tunnels.js';
