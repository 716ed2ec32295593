/**
 * BSD loopback (tcpdump.org LINKTYPE_NULL and LINKTYPE_LOOP): 0 address family 4, in the byte order of
 * the capturing machine for NULL, big-endian for LOOP.
 */
import { u32, u32le } from '../base/index.js';
import { IPV4, IPV6, STOP } from './layer-ids.js';
import type { Walk } from './walk.js';

const FAMILY_BYTES = 4;
/** Address families fit in 16 bits; a larger number is in the other byte order. */
const LARGEST_FAMILY = 0xffff;

export function nullLink(walk: Walk): number {
  if (walk.end - walk.at < FAMILY_BYTES) return walk.short('null', FAMILY_BYTES);
  const little = u32le(walk.bytes, walk.at);
  return familyLayer(walk, little <= LARGEST_FAMILY ? little : u32(walk.bytes, walk.at), 'null');
}

export function loopLink(walk: Walk): number {
  if (walk.end - walk.at < FAMILY_BYTES) return walk.short('loop', FAMILY_BYTES);
  return familyLayer(walk, u32(walk.bytes, walk.at), 'loop');
}

function familyLayer(walk: Walk, family: number, part: string): number {
  walk.at += FAMILY_BYTES;
  return walk.orUnknown(layerOfFamily(family), part);
}

/** AF_INET is 2 everywhere; AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on Darwin, 10 on Linux. */
export function layerOfFamily(family: number): number {
  switch (family) {
    case 2:
      return IPV4;
    case 10:
    case 24:
    case 28:
    case 30:
      return IPV6;
    default:
      return STOP;
  }
}
