/**
 * A subframe of an 802.11 aggregate (A-MSDU, IEEE 802.11-2020 section 9.3.2.2.2), big-endian:
 *   0 destination 6, 6 source 6, 12 length 2 (of what follows), 14 LLC; all but the last padded to a multiple of four
 */
import { u16 } from '../base/index.js';
import { LLC } from './layer-ids.js';
import type { Walk } from './walk.js';

const LENGTH = 12;
export const SUBFRAME_BYTES = 14;

export function aggregate(walk: Walk): number {
  const { bytes, at, end } = walk;
  if (end - at < SUBFRAME_BYTES) return walk.short('802.11 aggregate', SUBFRAME_BYTES);
  const length = u16(bytes, at + LENGTH);
  const nextAt = at + ((SUBFRAME_BYTES + length + 3) & ~3);
  // Fewer bytes are a checksum.
  if (nextAt + SUBFRAME_BYTES <= end) walk.restAt = nextAt;
  walk.at = at + SUBFRAME_BYTES;
  walk.narrow(length);
  return LLC;
}
