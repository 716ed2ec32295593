/**
 * Ethernet II and 802.3 (IEEE 802.3 section 3.1.1):
 *   0 destination 6, 6 source 6, 12 EtherType or length 2
 */
import { u16 } from '../base/index.js';
import { LLC } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const TYPE = 12;
export const ETHERNET_BYTES = 14;
/** IEEE 802.3 section 3.2.6: smaller values are the length of an LLC frame. */
const MIN_TYPE = 0x0600;

export function ethernet(walk: Walk): number {
  if (walk.end - walk.at < ETHERNET_BYTES) return walk.short('ethernet', ETHERNET_BYTES);
  const type = u16(walk.bytes, walk.at + TYPE);
  walk.at += ETHERNET_BYTES;
  return etherType(walk, type, 'ethernet');
}

/** The layer after an EtherType-or-length field; `walk` is already past the field. */
export function etherType(walk: Walk, type: number, part: string): number {
  if (type < MIN_TYPE) return LLC;
  return walk.orUnknown(LAYER_OF_ETHER_TYPE[type], part);
}
