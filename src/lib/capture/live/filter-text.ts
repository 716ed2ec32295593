/**
 * The kernel filter, in libpcap's language (pcap-filter(7)), made from ports or from the end of a tunnel. It may let
 * through too much (ports are looked at again) but never too little: whatever `decode` follows to an inner packet
 * whose ports stand where the kernel does not look is kept whole. All of it is words and no arithmetic (`ip[6:2] & 0x1fff`):
 * on an interface, libpcap 1.10 lets arithmetic before `vlan` overwrite the place where it keeps how far the tag moves things.
 */
import type { PortRange, RawListen } from '../../base/index.js';

/** What stands before the IP header: some tests exist only on Ethernet, and `vlan` is an error elsewhere. */
export type LinkKind = 'ethernet' | 'cooked' | 'ip';

/** IP in IP, IPv6 in IP, GRE (ERSPAN too), ESP, authentication header, L2TPv3, MPLS in IP: `decode` goes on behind them. */
const CARRIERS = [4, 41, 47, 50, 51, 115, 137];
const TUNNEL_PROTOCOLS = [4, 41];
/** RFC 8200 section 4: hop-by-hop, routing, fragment, destination options; mobility, HIP and shim6. Ports stand behind them. */
const IPV6_EXTENSIONS = [0, 43, 44, 60, 135, 139, 140];
/** L2TP, GTP-U, ESP in UDP, VXLAN (IANA's and Linux's old port), VXLAN-GPE, Geneve, TZSP. */
const TUNNEL_PORTS = [1701, 2152, 4500, 4789, 4790, 8472, 6081, 37008];
/** MPLS, PPPoE sessions, PPP, bridged Ethernet, ERSPAN, MACsec, Cisco MetaData, VN-Tag, NSH. */
const ETHER_TYPES = [0x8847, 0x8848, 0x8864, 0x880b, 0x6558, 0x88be, 0x22eb, 0x88e5, 0x8909, 0x8926, 0x894f];
/** 802.1Q, 802.1ad and the QinQ of before. */
const TAGS = [0x8100, 0x88a8, 0x9100, 0x9200];
/** RFC 791 section 3.1: fragments behind the first carry no ports, so that no range fits them. */
const LATER_FRAGMENT = 'ip and (tcp or udp or sctp) and not portrange 0-65535';
/** IEEE 802.2, which may carry IP (SNAP). */
const LLC = 'llc';

/** Filter of a mirror port; '' (everything) where no ports are named. */
export function mirrorFilter(ports: readonly PortRange[], kind: LinkKind): string {
  if (ports.length === 0) return '';
  const tests = [
    ...ports.map(({ first, last }) => (first === last ? `port ${first}` : `portrange ${first}-${last}`)),
    LATER_FRAGMENT,
    ...CARRIERS.map((protocol) => `ip proto ${protocol}`),
    ...[...CARRIERS, ...IPV6_EXTENSIONS].map((protocol) => `ip6 proto ${protocol}`),
    ...TUNNEL_PORTS.map((port) => `udp port ${port}`),
    ...(kind === 'ip' ? [] : ETHER_TYPES.map(etherType)),
  ];
  return behindTags(tests, kind);
}

/** Filter of the end of IP-in-IP tunnels: everything for the outer address; the unspecified address is any. */
export function tunnelFilter({ address }: RawListen, kind: LinkKind): string {
  const isIpv6 = address.includes(':');
  const isAny = address === '0.0.0.0' || address === '::';
  const tests: string[] = [];
  if (isAny || !isIpv6) tests.push(...TUNNEL_PROTOCOLS.map((protocol) => `${isAny ? '' : `dst host ${address} and `}ip proto ${protocol}`));
  if (isAny || isIpv6)
    tests.push(
      ...[...TUNNEL_PROTOCOLS, ...IPV6_EXTENSIONS].map((protocol) => `${isAny ? '' : `dst host ${address} and `}ip6 proto ${protocol}`),
    );
  return behindTags(tests, kind);
}

/** The tests without, behind one and behind two tags; what bears more is kept. `vlan` moves all that stands behind it in the text. */
function behindTags(tests: readonly string[], kind: LinkKind): string {
  const plain = tests.map((text) => (text.includes(' and ') ? `(${text})` : text)).join(' or ');
  switch (kind) {
    case 'ip':
      return plain;
    case 'cooked':
      return `${plain} or ${TAGS.map(etherType).join(' or ')}`;
    case 'ethernet':
      return `${plain} or ${LLC} or (vlan and (${plain} or (vlan and (${plain} or ${TAGS.map(etherType).join(' or ')}))))`;
  }
}

function etherType(type: number): string {
  return `ether proto 0x${type.toString(16).padStart(4, '0')}`;
}
