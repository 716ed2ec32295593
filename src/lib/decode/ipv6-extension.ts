/**
 * IPv6 extension headers of one shape (RFC 8200 sections 4.3, 4.4, 4.6): hop-by-hop options, routing,
 * destination options; also mobility (RFC 6275), host identity (RFC 7401), shim6 (RFC 5533):
 *   0 next header 1, 1 length 1 (of 8 bytes, the first 8 not counted)
 */
import { LAYER_OF_IPV6_HEADER } from './next-layer.js';
import type { Walk } from './walk.js';

const NEXT_HEADER = 0;
const LENGTH = 1;
const EXTENSION_BYTES = 8;

export function ipv6Extension(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < EXTENSION_BYTES) return walk.short('ipv6 extension', EXTENSION_BYTES);
  const length = (bytes[at + LENGTH] + 1) << 3;
  if (length > there) return walk.fail('truncated', 'ipv6 extension', length, there);
  walk.at = at + length;
  return walk.orUnknown(LAYER_OF_IPV6_HEADER[bytes[at + NEXT_HEADER]], 'ipv6 extension');
}
