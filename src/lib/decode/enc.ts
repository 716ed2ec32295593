/**
 * OpenBSD's enc interface, packets before and after IPsec (tcpdump.org LINKTYPE_ENC), in the byte order of its machine:
 *   0 address family 4, 4 security parameter index 4, 8 flags 4
 */
import { u32, u32le } from '../base/index.js';
import { layerOfFamily } from './null-loop.js';
import type { Walk } from './walk.js';

const FAMILY = 0;
const ENC_BYTES = 12;
/** Address families fit in 16 bits; a larger number is in the other byte order. */
const LARGEST_FAMILY = 0xffff;

export function enc(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < ENC_BYTES) return walk.short('enc', ENC_BYTES);
  const little = u32le(bytes, at + FAMILY);
  walk.at = at + ENC_BYTES;
  return walk.orUnknown(layerOfFamily(little <= LARGEST_FAMILY ? little : u32(bytes, at + FAMILY)), 'enc');
}
