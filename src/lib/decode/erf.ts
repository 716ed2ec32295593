/**
 * Extensible Record Format of Endace (ERF Types Reference Guide, EDM11-01), big-endian but for the time:
 *   0 time stamp 8, 8 type 1 (0x80: extension headers follow), 9 flags 1, 10 record length 2, 12 loss counter 2, 14 wire length 2,
 *   16 extension headers of 8 (0x80 in the first byte: one more follows), then for Ethernet offset 1 and pad 1
 */
import { ETHERNET, IPV4, IPV6, PPP_OR_CISCO_HDLC, STOP } from './layer-ids.js';
import type { Walk } from './walk.js';

const TYPE = 8;
const ERF_BYTES = 16;
const EXTENSION_BYTES = 8;
const ETHERNET_PAD_BYTES = 2;
const MORE = 0x80;

export function erf(walk: Walk): number {
  const { bytes, at, end } = walk;
  if (end - at < ERF_BYTES) return walk.short('erf', ERF_BYTES);
  let payload = at + ERF_BYTES;
  let more = (bytes[at + TYPE] & MORE) !== 0;
  while (more) {
    if (payload + EXTENSION_BYTES > end) return walk.fail('truncated', 'erf', payload + EXTENSION_BYTES - at, end - at);
    more = (bytes[payload] & MORE) !== 0;
    payload += EXTENSION_BYTES;
  }
  const layer = layerOfType(bytes[at + TYPE] & ~MORE);
  if (layer === ETHERNET) payload += ETHERNET_PAD_BYTES;
  if (payload > end) return walk.fail('truncated', 'erf', payload - at, end - at);
  walk.at = payload;
  return walk.orUnknown(layer, 'erf');
}

function layerOfType(type: number): number {
  switch (type) {
    case 1: // HDLC_POS
    case 10: // COLOR_HDLC_POS
    case 15: // DSM_COLOR_HDLC_POS
    case 17: // COLOR_MC_HDLC_POS
      return PPP_OR_CISCO_HDLC;
    case 2: // ETH
    case 11: // COLOR_ETH
    case 16: // DSM_COLOR_ETH
    case 20: // COLOR_HASH_ETH
      return ETHERNET;
    case 22:
      return IPV4;
    case 23:
      return IPV6;
    default:
      return STOP;
  }
}
