/**
 * Network Service Header (RFC 8300 section 2):
 *   0 version 2 bits, flags and time to live, length 6 bits (words), 2 metadata type 1, 3 next protocol 1, 4 service path 4, 8 context
 */
import { u16, u32 } from '../base/index.js';
import { ETHERNET, IPV4, IPV6, MPLS, NSH, STOP } from './layer-ids.js';
import type { Walk } from './walk.js';

const FIRST_WORD = 0;
const NEXT_PROTOCOL = 3;
const SERVICE_PATH = 4;
const NSH_BYTES = 8;
const LENGTH = 0x003f;

export function nsh(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < NSH_BYTES) return walk.short('nsh', NSH_BYTES);
  const first = u16(bytes, at + FIRST_WORD);
  if (first >>> 14 !== 0) return walk.fail('bad_version', 'nsh');
  const length = (first & LENGTH) << 2;
  if (length < NSH_BYTES) return walk.fail('bad_header_length', 'nsh', NSH_BYTES, length);
  if (length > there) return walk.fail('truncated', 'nsh', length, there);
  walk.enterScope(u32(bytes, at + SERVICE_PATH) >>> 8);
  walk.at = at + length;
  return walk.orUnknown(layerOfNextProtocol(bytes[at + NEXT_PROTOCOL]), 'nsh');
}

/** RFC 8300 section 9.6.1; VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe section 3.1) uses the first four of these numbers. */
export function layerOfNextProtocol(protocol: number): number {
  switch (protocol) {
    case 1:
      return IPV4;
    case 2:
      return IPV6;
    case 3:
      return ETHERNET;
    case 4:
      return NSH;
    case 5:
      return MPLS;
    default:
      return STOP;
  }
}
