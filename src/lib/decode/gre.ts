/**
 * Generic Routing Encapsulation (RFC 2784 section 2, RFC 2890 section 2; version 1: RFC 2637 section 4.1):
 *   0 flags and version 2, 2 protocol 2, then, each if its flag is set: checksum and reserved 4, key 4, sequence 4
 */
import { i32, u16 } from '../base/index.js';
import { ERSPAN_2, ETHERNET, PPP } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const FLAGS = 0;
const PROTOCOL = 2;
const GRE_BYTES = 4;

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGEMENT = 0x0080;
const VERSION = 0x0007;
const PROTOCOL_PPP = 0x880b;

export function gre(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < GRE_BYTES) return walk.short('gre', GRE_BYTES);
  const flags = u16(bytes, at + FLAGS);
  const protocol = u16(bytes, at + PROTOCOL);
  const version = flags & VERSION;
  if (version > 1) return walk.fail('bad_version', 'gre');
  // RFC 2784 section 2.2: packets with the source routing of RFC 1701 are discarded.
  if ((flags & ROUTING) !== 0) return walk.fail('unknown_protocol', 'gre');
  let length = GRE_BYTES;
  if ((flags & CHECKSUM) !== 0) length += 4;
  if ((flags & KEY) !== 0) length += 4;
  if ((flags & SEQUENCE) !== 0) length += 4;
  if (version === 1 && (flags & ACKNOWLEDGEMENT) !== 0) length += 4;
  if (length > there) return walk.fail('truncated', 'gre', length, there);
  if (version === 0 && (flags & KEY) !== 0) walk.enterScope(i32(bytes, at + GRE_BYTES + ((flags & CHECKSUM) !== 0 ? 4 : 0)));
  walk.at = at + length;
  if (version === 1) return walk.orUnknown(protocol === PROTOCOL_PPP ? PPP : 0, 'gre');
  const nextLayer = LAYER_OF_ETHER_TYPE[protocol];
  // ERSPAN type I has no header of its own; a missing sequence number identifies it (draft-foschiano-erspan-03 section 4.1).
  if (nextLayer === ERSPAN_2 && (flags & SEQUENCE) === 0) return ETHERNET;
  return walk.orUnknown(nextLayer, 'gre');
}
