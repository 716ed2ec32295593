/**
 * IP Authentication Header (RFC 4302 section 2); the payload after it is not encrypted:
 *   0 next header 1, 1 length 1 (words, minus 2), 2 reserved 2, 4 index 4, 8 sequence 4, 12 integrity value
 */
import { FAMILY_IPV4 } from '../base/index.js';
import { LAYER_OF_IP_PROTOCOL, LAYER_OF_IPV6_HEADER } from './next-layer.js';
import type { Walk } from './walk.js';

const NEXT_HEADER = 0;
const LENGTH = 1;
const AUTHENTICATION_BYTES = 12;

export function authentication(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < AUTHENTICATION_BYTES) return walk.short('authentication', AUTHENTICATION_BYTES);
  const length = (bytes[at + LENGTH] + 2) << 2;
  if (length < AUTHENTICATION_BYTES) return walk.fail('bad_header_length', 'authentication', AUTHENTICATION_BYTES, length);
  if (length > there) return walk.fail('truncated', 'authentication', length, there);
  walk.at = at + length;
  const layers = walk.packet.family === FAMILY_IPV4 ? LAYER_OF_IP_PROTOCOL : LAYER_OF_IPV6_HEADER;
  return walk.orUnknown(layers[bytes[at + NEXT_HEADER]], 'authentication');
}
