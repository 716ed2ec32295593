/**
 * Which layer follows which number on the wire, one row each (link types: link-types.ts). IP-in-IP and QinQ are just rows
 * that lead back to an existing layer.
 */
import * as layer from './layer-ids.js';

type Row = readonly [number: number, layer: number];

/** IEEE registry of EtherTypes, and what GRE carries (RFC 2784 section 2.4 uses the same numbers). */
const ETHER_TYPES: readonly Row[] = [
  [0x0800, layer.IPV4],
  [0x86dd, layer.IPV6],
  [0x8100, layer.VLAN], // 802.1Q
  [0x88a8, layer.VLAN], // 802.1ad
  [0x9100, layer.VLAN], // QinQ before there was a standard
  [0x9200, layer.VLAN],
  [0x8847, layer.MPLS],
  [0x8848, layer.MPLS],
  [0x8864, layer.PPPOE],
  [0x880b, layer.PPP],
  [0x6558, layer.ETHERNET], // transparent Ethernet bridging
  [0x88be, layer.ERSPAN_2],
  [0x22eb, layer.ERSPAN_3],
  [0x8909, layer.CISCO_METADATA],
  [0x8926, layer.VN_TAG],
  [0x88e5, layer.MACSEC],
  [0x894f, layer.NSH],
];

/** IANA protocol numbers that follow an IPv4 header. */
const IP_PROTOCOLS: readonly Row[] = [
  [4, layer.IPV4],
  [6, layer.TCP],
  [17, layer.UDP],
  [41, layer.IPV6],
  [47, layer.GRE],
  [50, layer.ESP],
  [51, layer.AUTHENTICATION],
  [115, layer.L2TP_IP],
  [132, layer.SCTP],
  [137, layer.MPLS],
];

/** RFC 8200 section 4: extension headers, which follow an IPv6 header only. */
const IPV6_HEADERS: readonly Row[] = [
  ...IP_PROTOCOLS,
  [0, layer.IPV6_EXTENSION],
  [43, layer.IPV6_EXTENSION],
  [60, layer.IPV6_EXTENSION],
  [135, layer.IPV6_EXTENSION],
  [139, layer.IPV6_EXTENSION],
  [140, layer.IPV6_EXTENSION],
  [44, layer.IPV6_FRAGMENT],
];

/** RFC 1661 and IANA PPP numbers. */
const PPP_PROTOCOLS: readonly Row[] = [
  [0x0021, layer.IPV4],
  [0x0057, layer.IPV6],
  [0x0281, layer.MPLS],
];

/** UDP ports of tunnels; such a layer returns DATAGRAM for other traffic. 8472 is what Linux used for VXLAN before IANA assigned 4789. */
const UDP_PORTS: readonly Row[] = [
  [1701, layer.L2TP_UDP],
  [2152, layer.GTP_U],
  [4500, layer.ESP_UDP],
  [4789, layer.VXLAN],
  [4790, layer.VXLAN_GPE],
  [6081, layer.GENEVE],
  [8472, layer.VXLAN],
  [37008, layer.TZSP],
];

export const LAYER_OF_ETHER_TYPE = table(65_536, ETHER_TYPES);
export const LAYER_OF_IP_PROTOCOL = table(256, IP_PROTOCOLS);
export const LAYER_OF_IPV6_HEADER = table(256, IPV6_HEADERS);
export const LAYER_OF_PPP_PROTOCOL = table(65_536, PPP_PROTOCOLS);
export const LAYER_OF_UDP_PORT = table(65_536, UDP_PORTS);

/** Zero (STOP) without a row. */
function table(size: number, rows: readonly Row[]): Uint8Array {
  const layers = new Uint8Array(size);
  for (const [number, follower] of rows) layers[number] = follower;
  return layers;
}
