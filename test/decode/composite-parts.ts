/** What composites are made of: one datagram, its IP packets, and tunnels around them. */
import * as make from '../rigs/frames.js';

export const PAYLOAD = Buffer.from('OPTIONS sip:a SIP/2.0\r\n\r\n');

export interface Composite {
  caption: string;
  linkType: number;
  bytes: Buffer;
  layers: readonly string[];
  from?: string;
  to?: string;
  outer?: string;
  vlan?: number;
  /** Bytes that follow the IP packet. */
  trailing?: number;
}

export const FROM_V4 = '127.0.0.1 5060';
export const TO_V4 = '127.0.0.2 5080';
export const FROM_V6 = '2001:db8::1 5060';
export const TO_V6 = '2001:db8::2 5080';
export const OUTER = '127.1.0.1 127.1.0.2';
export const OUTER_V6 = '2001:db8:1::1 2001:db8:1::2';

export const datagram = make.udp({}, PAYLOAD);
export const inner4 = make.ipv4({}, datagram);
export const inner6 = make.ipv6({}, datagram);
export const mirrored = make.ethernet(make.ETHER_IPV4, inner4);
export const { ethernet: link } = make.LINK;

export function outer4(protocol: number, payload: Buffer): Buffer {
  return make.ethernet(make.ETHER_IPV4, make.ipv4({ source: '127.1.0.1', destination: '127.1.0.2', protocol }, payload));
}

export function outer6(nextHeader: number, payload: Buffer): Buffer {
  return make.ethernet(make.ETHER_IPV6, make.ipv6({ source: '2001:db8:1::1', destination: '2001:db8:1::2', nextHeader }, payload));
}

export function tunnelPort(destinationPort: number, payload: Buffer): Buffer {
  return outer4(make.IP_UDP, make.udp({ sourcePort: 50_000, destinationPort }, payload));
}

export const V6 = { from: FROM_V6, to: TO_V6 };
export const IP4 = ['ipv4', 'udp'];
