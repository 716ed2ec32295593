/**
 * VXLAN (RFC 7348 section 5), over UDP:
 *   0 flags 1, 1 reserved 3, 4 network identifier 3, 7 reserved 1
 */
import { u32 } from '../base/index.js';
import { DATAGRAM, ETHERNET } from './layer-ids.js';
import type { Walk } from './walk.js';

const FLAGS = 0;
const NETWORK_IDENTIFIER = 4;
const VXLAN_BYTES = 8;
/** RFC 7348 section 5: the flag for a valid network identifier must be set. */
const IDENTIFIER_VALID = 0x08;

/** Distinguishes VXLAN from other traffic on its port. */
function looksLikeVxlan(bytes: Buffer, at: number, end: number): boolean {
  return end - at >= VXLAN_BYTES && (bytes[at + FLAGS] & IDENTIFIER_VALID) !== 0 && bytes[at + 7] === 0;
}

export function vxlan(walk: Walk): number {
  if (!looksLikeVxlan(walk.bytes, walk.at, walk.end)) return DATAGRAM;
  walk.enterScope(u32(walk.bytes, walk.at + NETWORK_IDENTIFIER) >>> 8);
  walk.at += VXLAN_BYTES;
  return ETHERNET;
}
