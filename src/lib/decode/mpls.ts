/**
 * MPLS label stack entry (RFC 3032 section 2.1):
 *   label 20 bits, traffic class 3 bits, bottom of stack 1 bit, time to live 8 bits
 */
import { ETHERNET, IPV4, IPV6, MPLS } from './layer-ids.js';
import type { Walk } from './walk.js';

const BOTTOM_AT = 2;
const MPLS_BYTES = 4;
const BOTTOM = 0x01;
/** RFC 4448 section 4.6: a pseudowire's control word starts with a zero nibble. */
const CONTROL_WORD_BYTES = 4;

export function mpls(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < MPLS_BYTES) return walk.short('mpls', MPLS_BYTES);
  walk.at = at + MPLS_BYTES;
  if ((bytes[at + BOTTOM_AT] & BOTTOM) === 0) return MPLS;
  return belowStack(walk);
}

/** RFC 3032 section 2.2: no field names the payload; its first nibble does (RFC 4928 section 3). */
function belowStack(walk: Walk): number {
  if (walk.end - walk.at < 1) return walk.short('mpls payload', 1);
  const nibble = walk.bytes[walk.at] >>> 4;
  if (nibble === 4) return IPV4;
  if (nibble === 6) return IPV6;
  if (nibble !== 0) return walk.fail('unknown_protocol', 'mpls');
  if (walk.end - walk.at < CONTROL_WORD_BYTES) return walk.short('mpls control word', CONTROL_WORD_BYTES);
  walk.at += CONTROL_WORD_BYTES;
  return ETHERNET;
}
