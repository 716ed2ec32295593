/**
 * UDP (RFC 768):
 *   0 source port 2, 2 destination port 2, 4 length 2, 6 checksum 2
 */
import { PROTOCOL_UDP, u16 } from '../base/index.js';
import { DATAGRAM, STOP } from './layer-ids.js';
import { LAYER_OF_UDP_PORT } from './next-layer.js';
import type { Walk } from './walk.js';

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const LENGTH = 4;
const CHECKSUM = 6;
export const UDP_BYTES = 8;

export function udp(walk: Walk): number {
  const { bytes, at, packet } = walk;
  if (walk.end - at < UDP_BYTES) return walk.short('udp', UDP_BYTES);
  const length = u16(bytes, at + LENGTH);
  // Zero means a datagram beyond 65,535 bytes (RFC 2675 section 4) or offload: the rest of the packet.
  if (length !== 0) {
    if (length < UDP_BYTES) return walk.fail('bad_length', 'udp', UDP_BYTES, length);
    walk.narrow(length);
  }
  const sourcePort = u16(bytes, at + SOURCE_PORT);
  const destinationPort = u16(bytes, at + DESTINATION_PORT);
  packet.sourcePort = sourcePort;
  packet.destinationPort = destinationPort;
  packet.protocol = PROTOCOL_UDP;
  walk.at = at + UDP_BYTES;
  const tunnel = LAYER_OF_UDP_PORT[destinationPort] || LAYER_OF_UDP_PORT[sourcePort];
  // Ports are only a hint: the tunnel's layer returns DATAGRAM for other traffic.
  return tunnel === STOP ? DATAGRAM : tunnel;
}

/** True if the length in the header is that of the bytes, or none. */
export function hasLengthOfUdp(bytes: Buffer): boolean {
  if (bytes.length < UDP_BYTES) return false;
  const length = u16(bytes, LENGTH);
  return length === 0 || length === bytes.length;
}

/** True if length and checksum (if present) match the bytes. `addresses`: source and destination. */
export function isWholeUdp(bytes: Buffer, addresses: Buffer): boolean {
  if (bytes.length < UDP_BYTES || u16(bytes, LENGTH) !== bytes.length) return false;
  if (u16(bytes, CHECKSUM) === 0) return true;
  let sum = PROTOCOL_UDP + bytes.length;
  for (let at = 0; at < addresses.length; at += 2) sum += u16(addresses, at);
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += u16(bytes, at);
  if ((bytes.length & 1) !== 0) sum += bytes[bytes.length - 1] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}
