/**
 * HDLC-like framing of serial lines: PPP (RFC 1662 section 3.1) or Cisco HDLC (RFC 4349 section 2), told apart by the address:
 *   0 address 1 (FF: PPP; 0F, 8F: Cisco), 1 control 1, 2 EtherType 2 (Cisco)
 */
import { u16 } from '../base/index.js';
import { PPP } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const ADDRESS = 0;
const TYPE = 2;
const CISCO_BYTES = 4;
const MIN_BYTES = 2;
const UNICAST = 0x0f;
const MULTICAST = 0x8f;

export function pppOrCiscoHdlc(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < MIN_BYTES) return walk.short('hdlc', MIN_BYTES);
  const address = bytes[at + ADDRESS];
  if (address !== UNICAST && address !== MULTICAST) return PPP;
  if (there < CISCO_BYTES) return walk.short('hdlc', CISCO_BYTES);
  walk.at = at + CISCO_BYTES;
  return walk.orUnknown(LAYER_OF_ETHER_TYPE[u16(bytes, at + TYPE)], 'hdlc');
}
