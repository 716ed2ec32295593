/** Frames of every encapsulation, each around the same datagram, with the layers that must be found in it. */
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

const FROM_V4 = '127.0.0.1 5060';
const TO_V4 = '127.0.0.2 5080';
const FROM_V6 = '2001:db8::1 5060';
const TO_V6 = '2001:db8::2 5080';
const OUTER = '127.1.0.1 127.1.0.2';
const OUTER_V6 = '2001:db8:1::1 2001:db8:1::2';

const datagram = make.udp({}, PAYLOAD);
const inner4 = make.ipv4({}, datagram);
const inner6 = make.ipv6({}, datagram);
const mirrored = make.ethernet(make.ETHER_IPV4, inner4);
const { ethernet: link } = make.LINK;

function outer4(protocol: number, payload: Buffer): Buffer {
  return make.ethernet(make.ETHER_IPV4, make.ipv4({ source: '127.1.0.1', destination: '127.1.0.2', protocol }, payload));
}

function outer6(nextHeader: number, payload: Buffer): Buffer {
  return make.ethernet(make.ETHER_IPV6, make.ipv6({ source: '2001:db8:1::1', destination: '2001:db8:1::2', nextHeader }, payload));
}

function tunnelPort(destinationPort: number, payload: Buffer): Buffer {
  return outer4(make.IP_UDP, make.udp({ sourcePort: 50_000, destinationPort }, payload));
}

const V6 = { from: FROM_V6, to: TO_V6 };
const IP4 = ['ipv4', 'udp'];

export const COMPOSITES: readonly Composite[] = [
  { caption: 'ethernet, IPv4', linkType: link, bytes: mirrored, layers: ['ethernet', ...IP4] },
  { caption: 'ethernet, IPv6', linkType: link, bytes: make.ethernet(make.ETHER_IPV6, inner6), layers: ['ethernet', 'ipv6', 'udp'], ...V6 },
  {
    caption: 'ethernet padding behind the packet',
    linkType: link,
    bytes: Buffer.concat([mirrored, Buffer.alloc(9, 0x55)]),
    layers: ['ethernet', ...IP4],
    trailing: 9,
  },
  {
    caption: 'IPv4 options',
    linkType: link,
    bytes: make.ethernet(make.ETHER_IPV4, make.ipv4({ options: Buffer.from('94040000', 'hex') }, datagram)),
    layers: ['ethernet', ...IP4],
  },
  { caption: '802.3 with SNAP', linkType: link, bytes: make.snapEthernet(make.ETHER_IPV4, inner4), layers: ['ethernet', 'llc', ...IP4] },
  {
    caption: '802.1Q',
    linkType: link,
    bytes: make.ethernet(make.ETHER_VLAN, make.vlan(600, make.ETHER_IPV4, inner4)),
    layers: ['ethernet', 'vlan', ...IP4],
    vlan: 600,
  },
  {
    caption: 'QinQ',
    linkType: link,
    bytes: make.ethernet(make.ETHER_SERVICE_VLAN, make.qinq(13, 10, make.ETHER_IPV4, inner4)),
    layers: ['ethernet', 'vlan', 'vlan', ...IP4],
    vlan: 13,
  },
  {
    caption: 'MPLS, two labels',
    linkType: link,
    bytes: make.ethernet(make.ETHER_MPLS, make.mpls([16, 17], inner4)),
    layers: ['ethernet', 'mpls', 'mpls', ...IP4],
  },
  {
    caption: 'MPLS pseudowire with control word',
    linkType: link,
    bytes: make.ethernet(make.ETHER_MPLS, make.mpls([16], Buffer.concat([Buffer.alloc(4), mirrored]))),
    layers: ['ethernet', 'mpls', 'ethernet', ...IP4],
  },
  {
    caption: 'PPPoE, IPv4',
    linkType: link,
    bytes: make.ethernet(make.ETHER_PPPOE, make.pppoe(make.PPP_IPV4, inner4)),
    layers: ['ethernet', 'pppoe', 'ppp', ...IP4],
  },
  {
    caption: 'PPPoE, IPv6',
    linkType: link,
    bytes: make.ethernet(make.ETHER_PPPOE, make.pppoe(make.PPP_IPV6, inner6)),
    layers: ['ethernet', 'pppoe', 'ppp', 'ipv6', 'udp'],
    ...V6,
  },
  { caption: 'SLL', linkType: make.LINK.sll, bytes: make.sll(make.ETHER_IPV4, inner4), layers: ['sll', ...IP4] },
  {
    caption: 'SLL2 with a VLAN tag',
    linkType: make.LINK.sll2,
    bytes: make.sll2(make.ETHER_VLAN, make.vlan(5, make.ETHER_IPV6, inner6)),
    layers: ['sll2', 'vlan', 'ipv6', 'udp'],
    vlan: 5,
    ...V6,
  },
  { caption: 'NULL, little-endian', linkType: make.LINK.null, bytes: make.nullLink(2, inner4), layers: ['null', ...IP4] },
  {
    caption: 'NULL, big-endian, IPv6 of Darwin',
    linkType: make.LINK.null,
    bytes: make.nullLink(30, inner6, true),
    layers: ['null', 'ipv6', 'udp'],
    ...V6,
  },
  { caption: 'LOOP', linkType: make.LINK.loop, bytes: make.loopLink(24, inner6), layers: ['loop', 'ipv6', 'udp'], ...V6 },
  { caption: 'RAW', linkType: make.LINK.raw, bytes: inner4, layers: ['raw', ...IP4] },
  { caption: 'RAW, IPv6', linkType: make.LINK.raw, bytes: inner6, layers: ['raw', 'ipv6', 'udp'], ...V6 },
  { caption: 'bare IPv4', linkType: make.LINK.ipv4, bytes: inner4, layers: IP4 },
  { caption: 'bare IPv6', linkType: make.LINK.ipv6, bytes: inner6, layers: ['ipv6', 'udp'], ...V6 },
  {
    caption: 'IPv6 extension headers and an atomic fragment',
    linkType: link,
    bytes: make.ethernet(
      make.ETHER_IPV6,
      make.ipv6(
        { nextHeader: 0 },
        make.ipv6Extension(
          60,
          make.ipv6Extension(
            make.IP_FRAGMENT,
            make.ipv6FragmentHeader({ nextHeader: make.IP_UDP, offset: 0, more: false, id: 9 }, datagram),
            1,
          ),
        ),
      ),
    ),
    layers: ['ethernet', 'ipv6', 'ipv6 extension', 'ipv6 extension', 'ipv6 fragment', 'udp'],
    ...V6,
  },
  {
    caption: 'authentication header',
    linkType: make.LINK.raw,
    bytes: make.ipv4({ protocol: 51 }, make.authentication(make.IP_UDP, datagram)),
    layers: ['raw', 'ipv4', 'authentication', 'udp'],
  },
  { caption: 'IPv4 in IPv4', linkType: link, bytes: outer4(make.IP_IPV4, inner4), layers: ['ethernet', 'ipv4', ...IP4], outer: OUTER },
  {
    caption: 'IPv6 in IPv4',
    linkType: link,
    bytes: outer4(make.IP_IPV6, inner6),
    layers: ['ethernet', 'ipv4', 'ipv6', 'udp'],
    outer: OUTER,
    ...V6,
  },
  { caption: 'IPv4 in IPv6', linkType: link, bytes: outer6(make.IP_IPV4, inner4), layers: ['ethernet', 'ipv6', ...IP4], outer: OUTER_V6 },
  {
    caption: 'IPv6 in IPv6',
    linkType: link,
    bytes: outer6(make.IP_IPV6, inner6),
    layers: ['ethernet', 'ipv6', 'ipv6', 'udp'],
    outer: OUTER_V6,
    ...V6,
  },
  {
    caption: 'GRE',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.gre({ protocol: make.ETHER_IPV4 }, inner4)),
    layers: ['ethernet', 'ipv4', 'gre', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'GRE with checksum, key and sequence around Ethernet',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.gre({ protocol: make.ETHER_BRIDGED, checksum: true, key: 1, sequence: 2 }, mirrored)),
    layers: ['ethernet', 'ipv4', 'gre', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'GRE in IPv6',
    linkType: link,
    bytes: outer6(make.IP_GRE, make.gre({ protocol: make.ETHER_IPV6 }, inner6)),
    layers: ['ethernet', 'ipv6', 'gre', 'ipv6', 'udp'],
    outer: OUTER_V6,
    ...V6,
  },
  {
    caption: 'PPTP',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.pptpGre(make.PPP_IPV4, inner4)),
    layers: ['ethernet', 'ipv4', 'gre', 'ppp', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'ERSPAN I',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.erspan1(mirrored)),
    layers: ['ethernet', 'ipv4', 'gre', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'ERSPAN II',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.erspan2(mirrored)),
    layers: ['ethernet', 'ipv4', 'gre', 'erspan II', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'ERSPAN III',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.erspan3(mirrored)),
    layers: ['ethernet', 'ipv4', 'gre', 'erspan III', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'ERSPAN III with platform header',
    linkType: link,
    bytes: outer4(make.IP_GRE, make.erspan3(mirrored, true)),
    layers: ['ethernet', 'ipv4', 'gre', 'erspan III', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'VXLAN',
    linkType: link,
    bytes: tunnelPort(4789, make.vxlan(mirrored)),
    layers: ['ethernet', 'ipv4', 'udp', 'vxlan', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'VXLAN on the old Linux port',
    linkType: link,
    bytes: tunnelPort(8472, make.vxlan(mirrored)),
    layers: ['ethernet', 'ipv4', 'udp', 'vxlan', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'Geneve with options',
    linkType: link,
    bytes: tunnelPort(6081, make.geneve(make.ETHER_BRIDGED, mirrored, 2)),
    layers: ['ethernet', 'ipv4', 'udp', 'geneve', 'ethernet', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'GTP-U',
    linkType: link,
    bytes: tunnelPort(2152, make.gtp(inner4)),
    layers: ['ethernet', 'ipv4', 'udp', 'gtp', 'raw', ...IP4],
    outer: OUTER,
  },
  {
    caption: 'GTP-U with sequence and extension',
    linkType: link,
    bytes: tunnelPort(2152, make.gtp(inner6, { sequence: 3, extension: true })),
    layers: ['ethernet', 'ipv4', 'udp', 'gtp', 'raw', 'ipv6', 'udp'],
    outer: OUTER,
    ...V6,
  },
  {
    caption: 'TZSP',
    linkType: link,
    bytes: tunnelPort(37008, make.tzsp(mirrored)),
    layers: ['ethernet', 'ipv4', 'udp', 'tzsp', 'ethernet', ...IP4],
    outer: OUTER,
  },
  ...linkTypes(),
  ...layers(),
];

function linkTypes(): Composite[] {
  const row = (caption: string, linkType: number, bytes: Buffer, names: readonly string[], more: Partial<Composite> = {}) => ({
    caption,
    linkType,
    bytes,
    layers: names,
    ...more,
  });
  return [
    row('PPP', 9, make.ppp(make.PPP_IPV4, inner4), ['ppp', ...IP4]),
    row('PPP without address and control', 9, make.ppp(make.PPP_IPV6, inner6).subarray(2), ['ppp', 'ipv6', 'udp'], V6),
    row('PPP in HDLC-like framing', 50, make.ppp(make.PPP_IPV4, inner4), ['hdlc', 'ppp', ...IP4]),
    row('Cisco HDLC where PPP may be', 50, make.ciscoHdlc(make.ETHER_IPV4, inner4), ['hdlc', ...IP4]),
    row('PPP over Ethernet as a link type', 51, make.pppoe(make.PPP_IPV4, inner4), ['pppoe', 'ppp', ...IP4]),
    row('Cisco HDLC', 104, make.ciscoHdlc(make.ETHER_IPV6, inner6), ['hdlc', 'ipv6', 'udp'], V6),
    row('802.11', 105, make.wireless(make.ETHER_IPV4, inner4), ['802.11', 'llc', ...IP4]),
    row('802.11 with QoS and four addresses', 105, make.wireless(make.ETHER_IPV4, inner4, { qos: true, bridged: true }), [
      '802.11',
      'llc',
      ...IP4,
    ]),
    row('802.11 with a padded header', 105, make.wireless(make.ETHER_IPV4, inner4, { qos: true, padded: true }), ['802.11', 'llc', ...IP4]),
    row('802.11 aggregate', 105, make.wirelessAggregate([[make.ETHER_IPV4, inner4]]), ['802.11', '802.11 aggregate', 'llc', ...IP4]),
    row(
      '802.11 aggregate behind a padded header',
      105,
      make.wirelessAggregate([[make.ETHER_IPV6, inner6]], { padded: true }),
      ['802.11', '802.11 aggregate', 'llc', 'ipv6', 'udp'],
      V6,
    ),
    row(
      'radiotap',
      127,
      make.radiotap(make.wireless(make.ETHER_IPV6, inner6, { qos: true })),
      ['radiotap', '802.11', 'llc', 'ipv6', 'udp'],
      V6,
    ),
    row('frame relay, IPv4', 107, make.frameRelay(0xcc, inner4), ['frame relay', ...IP4]),
    row('frame relay, IPv6', 107, make.frameRelay(0x8e, inner6), ['frame relay', 'ipv6', 'udp'], V6),
    row('frame relay, SNAP', 107, make.frameRelaySnap(0, make.ETHER_IPV4, inner4), ['frame relay', ...IP4]),
    row('frame relay, bridged Ethernet', 107, make.frameRelaySnap(0x0080c2, 7, mirrored), ['frame relay', 'ethernet', ...IP4]),
    row(
      "frame relay, Cisco's encapsulation",
      107,
      Buffer.concat([Buffer.from([0x18, 0x41]), make.ciscoHdlc(make.ETHER_IPV4, inner4).subarray(2)]),
      ['frame relay', ...IP4],
    ),
    row('ENC', 109, make.enc(2, inner4), ['enc', ...IP4]),
    row('PFLOG', 117, make.pflog(2, inner4), ['pflog', ...IP4]),
    row('PFLOG, IPv6', 117, make.pflog(24, inner6), ['pflog', 'ipv6', 'udp'], V6),
    row('ERF, Ethernet', 197, make.erf(2, mirrored), ['erf', 'ethernet', ...IP4]),
    row('ERF, IPv4 behind two extension headers', 197, make.erf(22, inner4, 2), ['erf', ...IP4]),
    row('ERF, Cisco HDLC', 197, make.erf(1, make.ciscoHdlc(make.ETHER_IPV4, inner4)), ['erf', 'hdlc', ...IP4]),
    row('NFLOG', 239, make.nflog(2, inner4), ['nflog', ...IP4]),
    row('NFLOG, big-endian, IPv6', 239, make.nflog(10, inner6, true), ['nflog', 'ipv6', 'udp'], V6),
    row('exported PDU', 252, make.exportedPdu('sip', {}, PAYLOAD), ['exported pdu']),
    row('exported PDU of an IP packet', 252, make.exportedPdu('ip', { source: '127.1.0.1', destination: '127.1.0.2' }, inner4), [
      'exported pdu',
      'raw',
      ...IP4,
    ]),
  ];
}

function layers(): Composite[] {
  const ether = (caption: string, bytes: Buffer, names: readonly string[], more: Partial<Composite> = {}) => ({
    caption,
    linkType: link,
    bytes,
    layers: ['ethernet', ...names],
    ...more,
  });
  const outer = { outer: OUTER };
  const trailing = (bytes: number) => ({ trailing: bytes });
  return [
    ether('VN-Tag', make.ethernet(0x8926, make.vnTag(make.ETHER_IPV4, inner4)), ['vn-tag', ...IP4]),
    ether(
      'VN-Tag, then VLAN',
      make.ethernet(0x8926, make.vnTag(make.ETHER_VLAN, make.vlan(9, make.ETHER_IPV4, inner4))),
      ['vn-tag', 'vlan', ...IP4],
      { vlan: 9 },
    ),
    ether('Cisco MetaData', make.ethernet(0x8909, make.ciscoMetadata(make.ETHER_IPV4, inner4)), ['cisco metadata', ...IP4]),
    ether('MACsec', make.ethernet(0x88e5, make.macsec(make.ETHER_IPV4, inner4)), ['macsec', ...IP4], trailing(16)),
    ether(
      'MACsec with a channel identifier',
      make.ethernet(0x88e5, make.macsec(make.ETHER_IPV4, inner4, true)),
      ['macsec', ...IP4],
      trailing(16),
    ),
    ether('NSH', make.ethernet(0x894f, make.nsh(1, inner4)), ['nsh', ...IP4]),
    ether('VXLAN-GPE, IPv4', tunnelPort(4790, make.vxlanGpe(1, inner4)), ['ipv4', 'udp', 'vxlan-gpe', ...IP4], outer),
    ether(
      'VXLAN-GPE, NSH, Ethernet',
      tunnelPort(4790, make.vxlanGpe(4, make.nsh(3, mirrored))),
      ['ipv4', 'udp', 'vxlan-gpe', 'nsh', 'ethernet', ...IP4],
      outer,
    ),
    ether('L2TP version 2', tunnelPort(1701, make.l2tp2(make.ppp(make.PPP_IPV4, inner4))), ['ipv4', 'udp', 'l2tp', 'ppp', ...IP4], outer),
    ether(
      'L2TP version 2 with sequence and offset',
      tunnelPort(1701, make.l2tp2(make.ppp(make.PPP_IPV6, inner6), { sequence: true, offset: 3 })),
      ['ipv4', 'udp', 'l2tp', 'ppp', 'ipv6', 'udp'],
      { ...outer, ...V6 },
    ),
    ether(
      'L2TP version 3 in UDP, Ethernet, cookie of 4',
      tunnelPort(1701, make.l2tp3Udp(mirrored, 4)),
      ['ipv4', 'udp', 'l2tp', 'ethernet', ...IP4],
      outer,
    ),
    ether(
      'L2TP version 3 in IP, PPP, cookie of 8',
      outer4(115, make.l2tp3(make.ppp(make.PPP_IPV4, inner4), 8)),
      ['ipv4', 'l2tp in ip', 'ppp', ...IP4],
      outer,
    ),
    ...[
      [12, 0],
      [16, 0],
      [0, 0],
      [16, 8],
    ].map(([integrity, vector]) =>
      ether(
        `ESP with NULL cipher, integrity value of ${integrity}, vector of ${vector}`,
        make.ethernet(make.ETHER_IPV4, make.ipv4({ protocol: 50 }, make.espNull(make.IP_UDP, datagram, integrity, vector))),
        ['ipv4', 'esp', 'udp'],
        trailing(make.espTrailerBytes(datagram, integrity)),
      ),
    ),
    ether('ESP with NULL cipher, tunnel mode', outer4(50, make.espNull(make.IP_IPV4, inner4)), ['ipv4', 'esp', ...IP4], {
      ...outer,
      ...trailing(make.espTrailerBytes(inner4)),
    }),
    ether(
      'ESP with NULL cipher in UDP',
      make.ethernet(
        make.ETHER_IPV4,
        make.ipv4({}, make.udp({ sourcePort: 4500, destinationPort: 4500 }, make.espNull(make.IP_UDP, datagram))),
      ),
      ['ipv4', 'udp', 'esp in udp', 'udp'],
      trailing(make.espTrailerBytes(datagram)),
    ),
  ];
}

export function expectedEnds(row: Composite): { from: string; to: string; outer: string; vlan: number } {
  return { from: row.from ?? FROM_V4, to: row.to ?? TO_V4, outer: row.outer ?? '', vlan: row.vlan ?? -1 };
}
