/**
 * The kernel filter, in libpcap syntax (pcap-filter(7)), built from ports or from a tunnel endpoint. It may let
 * through too much (ports are checked again) but never too little: whatever `decode` follows to an inner packet
 * whose ports the kernel does not see is accepted as a whole. It uses no arithmetic (`ip[6:2] & 0x1fff`):
 * on an interface, libpcap 1.10 lets arithmetic before `vlan` overwrite the register that holds the tag's offset.
 */
import type { PortRange, RawListen } from '../../base/index.js';

/** The link layer before the IP header: some tests exist only on Ethernet, and `vlan` is an error elsewhere. */
export type LinkKind = 'ethernet' | 'cooked' | 'ip';

/** IP in IP, IPv6 in IP, GRE (ERSPAN too), ESP, authentication header, L2TPv3, MPLS in IP: `decode` continues after them. */
const CARRIERS = [4, 41, 47, 50, 51, 115, 137];
const TUNNEL_PROTOCOLS = [4, 41];
/** RFC 8200 section 4: hop-by-hop, routing, fragment, destination options; mobility, HIP and shim6. Ports follow them. */
const IPV6_EXTENSIONS = [0, 43, 44, 60, 135, 139, 140];
/** L2TP, GTP-U, ESP in UDP, VXLAN (IANA's and Linux's old port), VXLAN-GPE, Geneve, TZSP. */
const TUNNEL_PORTS = [1701, 2152, 4500, 4789, 4790, 8472, 6081, 37008];
/** MPLS, PPPoE sessions, PPP, bridged Ethernet, ERSPAN, MACsec, Cisco MetaData, VN-Tag, NSH. */
const ETHER_TYPES = [0x8847, 0x8848, 0x8864, 0x880b, 0x6558, 0x88be, 0x22eb, 0x88e5, 0x8909, 0x8926, 0x894f];
/** 802.1Q, 802.1ad and pre-standard QinQ. */
const TAGS = [0x8100, 0x88a8, 0x9100, 0x9200];
/** RFC 791 section 3.1: fragments after the first carry no ports, so no range matches them. */
const LATER_FRAGMENT = 'ip and (tcp or udp or sctp) and not portrange 0-65535';
/** IEEE 802.2, which may carry IP (SNAP). */
const LLC = 'llc';

/** Filter of a mirror port; '' (everything) without ports. */
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

/** Filter of an IP-in-IP tunnel endpoint: everything for the outer address; the unspecified address means any. */
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

/** The tests without tags, after one and after two tags; frames with more are accepted. `vlan` shifts all offsets after it in the text. */
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
