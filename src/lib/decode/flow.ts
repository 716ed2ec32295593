/**
 * A flow number from the first headers of a frame, the same in both directions, so that frames that belong together go to
 * the same worker. UDP flows are distinguished by ports; anything that may need other frames (fragments, streams, tunnels)
 * by the pair of hosts alone.
 */
import { LINK_ETHERNET, LINK_IPV4, LINK_IPV6, LINK_RAW, LINK_SLL, LINK_SLL2, PROTOCOL_UDP, i32, u16, type Frame } from '../base/index.js';
import { STOP } from './layer-ids.js';
import { LAYER_OF_UDP_PORT } from './next-layer.js';

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
/** 802.1Q and 802.1ad tags, and their predecessors. */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);
const TAG_BYTES = 4;

/** A number from 0 to 2^32-1; 0 if no address is found. */
export function flowOf({ linkType, bytes, from, to }: Frame): number {
  switch (linkType) {
    case LINK_ETHERNET:
      return behindType(bytes, from + 12, to);
    case LINK_SLL:
      return behindType(bytes, from + 14, to);
    case LINK_SLL2:
      return network(bytes, from + 20, to, to - from < 2 ? 0 : u16(bytes, from));
    case LINK_RAW:
    case LINK_IPV4:
    case LINK_IPV6:
      return from < to ? network(bytes, from, to, bytes[from] >>> 4 === 6 ? ETHER_IPV6 : ETHER_IPV4) : 0;
    default:
      return 0;
  }
}

/** `at` is the offset of the EtherType or of the first tag. */
function behindType(bytes: Buffer, at: number, to: number): number {
  let typeAt = at;
  while (typeAt + TAG_BYTES <= to && TAGS.has(u16(bytes, typeAt))) typeAt += TAG_BYTES;
  return typeAt + 2 <= to ? network(bytes, typeAt + 2, to, u16(bytes, typeAt)) : 0;
}

function network(bytes: Buffer, at: number, to: number, type: number): number {
  if (type === ETHER_IPV4 && at + 20 <= to) {
    const pair = i32(bytes, at + 12) + i32(bytes, at + 16);
    const isFragment = (u16(bytes, at + 6) & 0x3fff) !== 0;
    return mixed(pair + (isFragment || bytes[at + 9] !== PROTOCOL_UDP ? 0 : portsOf(bytes, at + (bytes[at] & 15) * 4, to)));
  }
  if (type === ETHER_IPV6 && at + 40 <= to) {
    let pair = 0;
    for (let i = 8; i < 40; i += 4) pair += i32(bytes, at + i);
    return mixed(pair + (bytes[at + 6] === PROTOCOL_UDP ? portsOf(bytes, at + 40, to) : 0));
  }
  return 0;
}

/** 0 if the payload may be a tunnel. */
function portsOf(bytes: Buffer, at: number, to: number): number {
  if (at + 4 > to) return 0;
  const source = u16(bytes, at);
  const destination = u16(bytes, at + 2);
  return (LAYER_OF_UDP_PORT[destination] || LAYER_OF_UDP_PORT[source]) === STOP ? source + destination : 0;
}

/** Spreads sums that lie close together. */
function mixed(sum: number): number {
  let mix = Math.imul((sum | 0) ^ (sum >>> 16), 0x45d9f3b);
  mix = Math.imul(mix ^ (mix >>> 16), 0x45d9f3b);
  return (mix ^ (mix >>> 16)) >>> 0;
}
