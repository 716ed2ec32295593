/**
 * VN-Tag of Cisco's fabric extenders (predecessor of 802.1BR, EtherType 8926):
 *   0 direction 1 bit, pointer 1 bit, destination interface 14 bits, 2 looped 1 bit, source interface 12 bits, 4 EtherType 2
 */
import { u16 } from '../base/index.js';
import { etherType } from './ethernet.js';
import type { Walk } from './walk.js';

const TYPE = 4;
const VN_TAG_BYTES = 6;

export function vnTag(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < VN_TAG_BYTES) return walk.short('vn-tag', VN_TAG_BYTES);
  walk.at = at + VN_TAG_BYTES;
  return etherType(walk, u16(bytes, at + TYPE), 'vn-tag');
}
