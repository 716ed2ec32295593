/**
 * Geneve (RFC 8926 section 3.4), over UDP:
 *   0 version 2 bits, option length 6 bits (words), 1 flags 1, 2 protocol 2, 4 network identifier 3, 7 reserved 1, 8 options
 */
import { u16, u32 } from '../base/index.js';
import { DATAGRAM } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const VERSION_AND_OPTIONS = 0;
const PROTOCOL = 2;
const NETWORK_IDENTIFIER = 4;
const GENEVE_BYTES = 8;

/** Distinguishes Geneve from other traffic on its port: version 0 and a known protocol. */
function looksLikeGeneve(bytes: Buffer, at: number, end: number): boolean {
  return (
    end - at >= GENEVE_BYTES &&
    bytes[at + VERSION_AND_OPTIONS] >>> 6 === 0 &&
    bytes[at + 7] === 0 &&
    LAYER_OF_ETHER_TYPE[u16(bytes, at + PROTOCOL)] !== 0
  );
}

export function geneve(walk: Walk): number {
  const { bytes, at } = walk;
  if (!looksLikeGeneve(bytes, at, walk.end)) return DATAGRAM;
  const there = walk.end - at;
  const length = GENEVE_BYTES + ((bytes[at + VERSION_AND_OPTIONS] & 0x3f) << 2);
  if (length > there) return walk.fail('truncated', 'geneve', length, there);
  walk.enterScope(u32(bytes, at + NETWORK_IDENTIFIER) >>> 8);
  walk.at = at + length;
  return walk.orUnknown(LAYER_OF_ETHER_TYPE[u16(bytes, at + PROTOCOL)], 'geneve');
}
