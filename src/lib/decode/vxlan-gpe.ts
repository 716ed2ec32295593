/**
 * VXLAN with a next-protocol field (draft-ietf-nvo3-vxlan-gpe section 3.1), over UDP:
 *   0 flags 1, 1 reserved 2, 3 next protocol 1, 4 network identifier 3, 7 reserved 1
 */
import { u32 } from '../base/index.js';
import { DATAGRAM, ETHERNET, STOP } from './layer-ids.js';
import { layerOfNextProtocol } from './nsh.js';
import type { Walk } from './walk.js';

const FLAGS = 0;
const NEXT_PROTOCOL = 3;
const NETWORK_IDENTIFIER = 4;
const GPE_BYTES = 8;
const IDENTIFIER_VALID = 0x08;
const HAS_PROTOCOL = 0x04;
/** Bits that must be zero, version included: they distinguish it from text on its port. */
const RESERVED = 0xf2;

export function vxlanGpe(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < GPE_BYTES) return DATAGRAM;
  const flags = bytes[at + FLAGS];
  if ((flags & IDENTIFIER_VALID) === 0 || (flags & RESERVED) !== 0) return DATAGRAM;
  const layer = (flags & HAS_PROTOCOL) === 0 ? ETHERNET : layerOfNextProtocol(bytes[at + NEXT_PROTOCOL]);
  if (layer === STOP) return DATAGRAM;
  walk.enterScope(u32(bytes, at + NETWORK_IDENTIFIER) >>> 8);
  walk.at = at + GPE_BYTES;
  return layer;
}
