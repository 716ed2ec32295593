/**
 * IPv6 fragment header (RFC 8200 section 4.5):
 *   0 next header 1, 1 reserved 1, 2 offset 13 bits (of 8 bytes), reserved 2 bits, more fragments 1 bit, 4 identification 4
 */
import { i32, u16 } from '../base/index.js';
import { FRAGMENT } from './layer-ids.js';
import { LAYER_OF_IPV6_HEADER } from './next-layer.js';
import type { Walk } from './walk.js';

const NEXT_HEADER = 0;
const OFFSET_AND_MORE = 2;
const IDENTIFICATION = 4;
const FRAGMENT_BYTES = 8;

const MORE_FRAGMENTS = 0x0001;
const OFFSET = 0xfff8;

export function ipv6Fragment(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < FRAGMENT_BYTES) return walk.short('ipv6 fragment', FRAGMENT_BYTES);
  walk.at = at + FRAGMENT_BYTES;
  const nextLayer = LAYER_OF_IPV6_HEADER[bytes[at + NEXT_HEADER]];
  const offsetAndMore = u16(bytes, at + OFFSET_AND_MORE);
  // RFC 6946: an "atomic" fragment is a whole packet.
  if ((offsetAndMore & (OFFSET | MORE_FRAGMENTS)) === 0) return walk.orUnknown(nextLayer, 'ipv6 fragment');

  walk.fragmentNext = nextLayer;
  walk.fragmentMore = (offsetAndMore & MORE_FRAGMENTS) !== 0;
  walk.fragmentOffset = offsetAndMore & OFFSET;
  walk.fragmentId = i32(bytes, at + IDENTIFICATION);
  // RFC 8200 section 4.5: the next header does not identify the packet of a fragment.
  walk.fragmentProtocol = 0;
  return FRAGMENT;
}
