/** IP and transport together, with correct checksums. */
import { parseAddress } from '../../../src/lib/base/index.js';
import { long, checksum } from './bytes.js';
import { ipv4, ipv6 } from './ip.js';
import { ETHER_IPV4, ETHER_IPV6, IP_TCP, IP_UDP } from './numbers.js';
import { udp, type TcpMembers, tcp } from './transport.js';

export interface Ends {
  source?: string;
  destination?: string;
  sourcePort?: number;
  destinationPort?: number;
}

/** IP and UDP around a payload, family by the addresses, correct checksums: the kernel accepts it. */
export function udpPacket(ends: Ends, payload: Buffer): Buffer {
  return ipPacket(ends, IP_UDP, (sum) => udp({ ...ends, checksum: sum }, payload));
}

export function tcpPacket(ends: Ends & TcpMembers, payload?: Buffer): Buffer {
  return ipPacket(ends, IP_TCP, (sum) => tcp({ ...ends, checksum: sum }, payload));
}

/** The EtherType of an IP packet. */
export function etherTypeOf(packet: Buffer): number {
  return packet[0] >>> 4 === 6 ? ETHER_IPV6 : ETHER_IPV4;
}

function ipPacket(ends: Ends, protocol: number, transport: (sum: number) => Buffer): Buffer {
  const source = ends.source ?? '127.0.0.1';
  const destination = ends.destination ?? '127.0.0.2';
  const bare = transport(0);
  const pseudo = Buffer.concat([parseAddress(source)!, parseAddress(destination)!, long(protocol), long(bare.length)]);
  const body = transport(checksum(Buffer.concat([pseudo, bare])));
  return source.includes(':') ? ipv6({ source, destination, nextHeader: protocol }, body) : ipv4({ source, destination, protocol }, body);
}
