/** Composites of link types and layers that are rare. */
import * as make from '../rigs/frames.js';
import {
  PAYLOAD,
  type Composite,
  OUTER,
  datagram,
  inner4,
  inner6,
  mirrored,
  link,
  outer4,
  tunnelPort,
  V6,
  IP4,
} from './composite-parts.js';

export function linkTypes(): Composite[] {
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

export function layers(): Composite[] {
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
