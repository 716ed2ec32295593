/**
 * The table of layers, one row each: number, name, smallest header, reader. Decoding, printed frames and the tests' laws
 * are driven by these rows.
 */
import { aggregate, SUBFRAME_BYTES } from './aggregate.js';
import { authentication } from './authentication.js';
import { ciscoMetadata } from './cisco-metadata.js';
import { enc } from './enc.js';
import { erf } from './erf.js';
import { esp, espInUdp } from './esp.js';
import { exportedPdu } from './exported-pdu.js';
import { frameRelay } from './frame-relay.js';
import { pppOrCiscoHdlc } from './hdlc.js';
import { ieee80211 } from './ieee-802-11.js';
import { l2tpInIp, l2tpInUdp } from './l2tp.js';
import { macsec } from './macsec.js';
import { nflog } from './nflog.js';
import { nsh } from './nsh.js';
import { pflog } from './pflog.js';
import { radiotap } from './radiotap.js';
import { vnTag } from './vn-tag.js';
import { vxlanGpe } from './vxlan-gpe.js';
import { erspan2, erspan3 } from './erspan.js';
import { ETHERNET_BYTES, ethernet } from './ethernet.js';
import { geneve } from './geneve.js';
import { gre } from './gre.js';
import { gtp } from './gtp.js';
import { IPV4_BYTES, ipv4 } from './ipv4.js';
import { ipv6Extension } from './ipv6-extension.js';
import { ipv6Fragment } from './ipv6-fragment.js';
import { IPV6_BYTES, ipv6 } from './ipv6.js';
import * as number from './layer-ids.js';
import { llc } from './llc.js';
import { mpls } from './mpls.js';
import { loopLink, nullLink } from './null-loop.js';
import { ppp } from './ppp.js';
import { pppoe } from './pppoe.js';
import { rawIp } from './raw-ip.js';
import { SCTP_BYTES, sctp } from './sctp.js';
import { sll } from './sll.js';
import { sll2 } from './sll2.js';
import { TCP_BYTES, tcp } from './tcp.js';
import { tzsp } from './tzsp.js';
import { UDP_BYTES, udp } from './udp.js';
import { vlan } from './vlan.js';
import { vxlan } from './vxlan.js';
import type { Walk } from './walk.js';

export interface Layer {
  readonly number: number;
  readonly name: string;
  /** Bytes of the fixed part: with fewer the reader reports `too_short`. 0 for tunnels in UDP, which return DATAGRAM instead. */
  readonly minimumBytes: number;
  /** Reads the layer at `walk.at` and returns the number of the next layer or of an end. */
  readonly read: (walk: Walk) => number;
}

export const LAYERS: readonly Layer[] = [
  { number: number.ETHERNET, name: 'ethernet', minimumBytes: ETHERNET_BYTES, read: ethernet },
  { number: number.LLC, name: 'llc', minimumBytes: 3, read: llc },
  { number: number.VLAN, name: 'vlan', minimumBytes: 4, read: vlan },
  { number: number.SLL, name: 'sll', minimumBytes: 16, read: sll },
  { number: number.SLL2, name: 'sll2', minimumBytes: 20, read: sll2 },
  { number: number.NULL_LINK, name: 'null', minimumBytes: 4, read: nullLink },
  { number: number.LOOP_LINK, name: 'loop', minimumBytes: 4, read: loopLink },
  { number: number.RAW_IP, name: 'raw', minimumBytes: 1, read: rawIp },
  { number: number.MPLS, name: 'mpls', minimumBytes: 4, read: mpls },
  { number: number.PPPOE, name: 'pppoe', minimumBytes: 6, read: pppoe },
  { number: number.PPP, name: 'ppp', minimumBytes: 2, read: ppp },
  { number: number.IPV4, name: 'ipv4', minimumBytes: IPV4_BYTES, read: ipv4 },
  { number: number.IPV6, name: 'ipv6', minimumBytes: IPV6_BYTES, read: ipv6 },
  { number: number.IPV6_EXTENSION, name: 'ipv6 extension', minimumBytes: 8, read: ipv6Extension },
  { number: number.IPV6_FRAGMENT, name: 'ipv6 fragment', minimumBytes: 8, read: ipv6Fragment },
  { number: number.AUTHENTICATION, name: 'authentication', minimumBytes: 12, read: authentication },
  { number: number.GRE, name: 'gre', minimumBytes: 4, read: gre },
  { number: number.ERSPAN_2, name: 'erspan II', minimumBytes: 8, read: erspan2 },
  { number: number.ERSPAN_3, name: 'erspan III', minimumBytes: 12, read: erspan3 },
  { number: number.VXLAN, name: 'vxlan', minimumBytes: 0, read: vxlan },
  { number: number.GTP_U, name: 'gtp', minimumBytes: 0, read: gtp },
  { number: number.UDP, name: 'udp', minimumBytes: UDP_BYTES, read: udp },
  { number: number.TCP, name: 'tcp', minimumBytes: TCP_BYTES, read: tcp },
  { number: number.SCTP, name: 'sctp', minimumBytes: SCTP_BYTES, read: sctp },
  { number: number.GENEVE, name: 'geneve', minimumBytes: 0, read: geneve },
  { number: number.TZSP, name: 'tzsp', minimumBytes: 0, read: tzsp },
  { number: number.PPP_OR_CISCO_HDLC, name: 'hdlc', minimumBytes: 2, read: pppOrCiscoHdlc },
  { number: number.IEEE_802_11, name: '802.11', minimumBytes: 24, read: ieee80211 },
  { number: number.AGGREGATE, name: '802.11 aggregate', minimumBytes: SUBFRAME_BYTES, read: aggregate },
  { number: number.RADIOTAP, name: 'radiotap', minimumBytes: 8, read: radiotap },
  { number: number.FRAME_RELAY, name: 'frame relay', minimumBytes: 4, read: frameRelay },
  { number: number.ENC, name: 'enc', minimumBytes: 12, read: enc },
  { number: number.PFLOG, name: 'pflog', minimumBytes: 4, read: pflog },
  { number: number.ERF, name: 'erf', minimumBytes: 16, read: erf },
  { number: number.NFLOG, name: 'nflog', minimumBytes: 4, read: nflog },
  { number: number.EXPORTED_PDU, name: 'exported pdu', minimumBytes: 4, read: exportedPdu },
  { number: number.CISCO_METADATA, name: 'cisco metadata', minimumBytes: 4, read: ciscoMetadata },
  { number: number.VN_TAG, name: 'vn-tag', minimumBytes: 6, read: vnTag },
  { number: number.MACSEC, name: 'macsec', minimumBytes: 6, read: macsec },
  { number: number.NSH, name: 'nsh', minimumBytes: 8, read: nsh },
  { number: number.ESP, name: 'esp', minimumBytes: 10, read: esp },
  { number: number.ESP_UDP, name: 'esp in udp', minimumBytes: 0, read: espInUdp },
  { number: number.L2TP_UDP, name: 'l2tp', minimumBytes: 0, read: l2tpInUdp },
  { number: number.L2TP_IP, name: 'l2tp in ip', minimumBytes: 4, read: l2tpInIp },
  { number: number.VXLAN_GPE, name: 'vxlan-gpe', minimumBytes: 0, read: vxlanGpe },
];

/** Stops stacks of tags, which the limit of tunnels does not count. */
export const MAX_LAYERS = 64;

/** By number; the readers at the numbers of ends are never called. */
const READERS: readonly Layer['read'][] = Array.from(
  { length: 1 + Math.max(...LAYERS.map((row) => row.number)) },
  (_, id) => LAYERS.find((row) => row.number === id)?.read ?? (() => number.STOP),
);

/** Reads layer after layer; returns the end that was reached. */
export function walkLayers(walk: Walk, first: number): number {
  let layer = first;
  for (let left = MAX_LAYERS; layer >= number.FIRST_LAYER; left--) {
    if (left === 0) return walk.fail('too_deep', 'frame');
    layer = READERS[layer](walk);
  }
  return layer;
}
