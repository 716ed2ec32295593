/** The table of layers: name, smallest header and reader of each, by its number. Walks over them until one is an end. */
import { authentication } from './authentication.js';
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
  /** Bytes of the fixed part: with fewer the reader answers `too_short`. */
  readonly minimumBytes: number;
  /** Reads the layer at `walk.at` and answers the number of its successor or of an end. */
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
  { number: number.VXLAN, name: 'vxlan', minimumBytes: 8, read: vxlan },
  { number: number.GTP_U, name: 'gtp', minimumBytes: 8, read: gtp },
  { number: number.UDP, name: 'udp', minimumBytes: UDP_BYTES, read: udp },
  { number: number.TCP, name: 'tcp', minimumBytes: TCP_BYTES, read: tcp },
  { number: number.SCTP, name: 'sctp', minimumBytes: SCTP_BYTES, read: sctp },
  { number: number.GENEVE, name: 'geneve', minimumBytes: 8, read: geneve },
  { number: number.TZSP, name: 'tzsp', minimumBytes: 4, read: tzsp },
];

/** Layers of a frame beyond the tunnel limit's reach: a stack of tags as long as the frame ends here. */
export const MAX_LAYERS = 64;

const READERS = LAYERS.reduce<Layer['read'][]>(
  (readers, row) => {
    readers[row.number] = row.read;
    return readers;
  },
  new Array<Layer['read']>(number.TZSP + 1).fill(() => number.STOP),
);

/** Reads layer after layer; answers the end that was reached. */
export function walkLayers(walk: Walk, first: number): number {
  let layer = first;
  for (let left = MAX_LAYERS; layer >= number.FIRST_LAYER; left--) {
    if (left === 0) return walk.fail('too_deep', 'frame');
    layer = READERS[layer](walk);
  }
  return layer;
}
