/**
 * IPv6 (RFC 8200 section 3):
 *   0 version 4 bits, traffic class 8 bits, flow label 20 bits, 4 payload length 2, 6 next header 1, 7 hop limit 1,
 *   8 source 16, 24 destination 16
 */
import { FAMILY_IPV6, u16 } from '../base/index.js';
import { enterIp } from './ip.js';
import { LAYER_OF_IPV6_HEADER } from './next-layer.js';
import type { Walk } from './walk.js';

const VERSION = 0;
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const SOURCE = 8;
const DESTINATION = 24;
export const IPV6_BYTES = 40;

export function ipv6(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < IPV6_BYTES) return walk.short('ipv6', IPV6_BYTES);
  if (bytes[at + VERSION] >>> 4 !== 6) return walk.fail('bad_version', 'ipv6');
  const payloadLength = u16(bytes, at + PAYLOAD_LENGTH);
  // Zero means a jumbogram (RFC 2675 section 3) or segmentation offload: the packet is the rest of the frame.
  if (payloadLength !== 0) walk.limit(IPV6_BYTES + payloadLength);
  if (!enterIp(walk, FAMILY_IPV6, at + SOURCE, at + DESTINATION)) return walk.fail('too_deep', 'ipv6');
  walk.at = at + IPV6_BYTES;
  return walk.orUnknown(LAYER_OF_IPV6_HEADER[bytes[at + NEXT_HEADER]], 'ipv6');
}
