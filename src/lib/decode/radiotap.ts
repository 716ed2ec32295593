/**
 * Radiotap (radiotap.org), in front of an 802.11 frame, little-endian:
 *   0 version 1, 1 pad 1, 2 length 2 (of all of it), 4 present fields 4, 8 the fields
 */
import { u16le } from '../base/index.js';
import { IEEE_802_11 } from './layer-ids.js';
import type { Walk } from './walk.js';

const VERSION = 0;
const LENGTH = 2;
const RADIOTAP_BYTES = 8;

export function radiotap(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < RADIOTAP_BYTES) return walk.short('radiotap', RADIOTAP_BYTES);
  if (bytes[at + VERSION] !== 0) return walk.fail('bad_version', 'radiotap');
  const length = u16le(bytes, at + LENGTH);
  if (length < RADIOTAP_BYTES) return walk.fail('bad_header_length', 'radiotap', RADIOTAP_BYTES, length);
  if (length > there) return walk.fail('truncated', 'radiotap', length, there);
  walk.at = at + length;
  return IEEE_802_11;
}
