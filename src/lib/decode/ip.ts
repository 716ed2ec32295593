/** What IPv4 and IPv6 have in common: the innermost addresses become the packet's, the outermost ones are kept beside them. */
import { FAMILY_IPV4, i32 } from '../base/index.js';
import { MAX_TUNNELS, type Walk } from './walk.js';

/** Records the addresses of an IP header; false if it is nested too deep. */
export function enterIp(walk: Walk, family: number, sourceAt: number, destinationAt: number): boolean {
  const { packet } = walk;
  if (++walk.ipHeaders > MAX_TUNNELS + 1) return false;
  if (walk.ipHeaders === 2) {
    packet.outerAddresses = packet.addresses;
    packet.outerSourceAt = packet.sourceAt;
    packet.outerDestinationAt = packet.destinationAt;
    packet.outerFamily = packet.family;
  }
  if (walk.ipHeaders > 1) {
    const end = packet.destinationAt + (packet.family === FAMILY_IPV4 ? 4 : 16);
    walk.enterScope(i32(packet.addresses, packet.sourceAt) ^ i32(packet.addresses, end - 4));
  }
  packet.addresses = walk.bytes;
  packet.sourceAt = sourceAt;
  packet.destinationAt = destinationAt;
  packet.family = family;
  return true;
}
