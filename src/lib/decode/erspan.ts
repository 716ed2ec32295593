/**
 * Encapsulated remote SPAN (draft-foschiano-erspan-03 sections 4.2 and 4.3), behind GRE:
 *   type II:  0 version 4 bits, VLAN 12 bits, 2 class, encapsulation, truncated, session 16 bits, 4 reserved, index 4
 *   type III: 0 version 4 bits, VLAN 12 bits, 2 class, frame health, truncated, session 16 bits, 4 time stamp 4,
 *             8 security group 2, 10 P 1 bit, frame type 5 bits, hardware 6 bits, direction 1 bit, granularity 2 bits,
 *             O 1 bit, 12 platform header 8 where O is set
 */
import { u16 } from '../base/index.js';
import { ETHERNET, RAW_IP } from './layer-ids.js';
import type { Walk } from './walk.js';

const VERSION = 0;
const LAST_WORD = 10;
const TYPE_2_BYTES = 8;
const TYPE_3_BYTES = 12;
const PLATFORM_BYTES = 8;

const OPTIONAL_HEADER = 0x0001;
const FRAME_TYPE_ETHERNET = 0;
const FRAME_TYPE_IP = 2;

export function erspan2(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < TYPE_2_BYTES) return walk.short('erspan', TYPE_2_BYTES);
  if (bytes[at + VERSION] >>> 4 !== 1) return walk.fail('bad_version', 'erspan');
  walk.at = at + TYPE_2_BYTES;
  return ETHERNET;
}

export function erspan3(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < TYPE_3_BYTES) return walk.short('erspan', TYPE_3_BYTES);
  if (bytes[at + VERSION] >>> 4 !== 2) return walk.fail('bad_version', 'erspan');
  const lastWord = u16(bytes, at + LAST_WORD);
  const length = TYPE_3_BYTES + ((lastWord & OPTIONAL_HEADER) !== 0 ? PLATFORM_BYTES : 0);
  if (length > there) return walk.fail('truncated', 'erspan', length, there);
  walk.at = at + length;
  const frameType = (lastWord >>> 10) & 0x1f;
  if (frameType === FRAME_TYPE_ETHERNET) return ETHERNET;
  return walk.orUnknown(frameType === FRAME_TYPE_IP ? RAW_IP : 0, 'erspan');
}
