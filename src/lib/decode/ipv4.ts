/**
 * IPv4 (RFC 791 section 3.1):
 *   0 version 4 bits, header length 4 bits (words), 1 type of service 1, 2 total length 2, 4 identification 2,
 *   6 flags 3 bits, fragment offset 13 bits (of 8 bytes), 8 time to live 1, 9 protocol 1, 10 checksum 2,
 *   12 source 4, 16 destination 4, 20 options
 * The checksum is ignored: with offloading the network card fills it in after the capture.
 */
import { FAMILY_IPV4, u16 } from '../base/index.js';
import { enterIp } from './ip.js';
import { FRAGMENT, STOP } from './layer-ids.js';
import { LAYER_OF_IP_PROTOCOL } from './next-layer.js';
import type { Walk } from './walk.js';

const VERSION_AND_LENGTH = 0;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS_AND_OFFSET = 6;
const PROTOCOL = 9;
const SOURCE = 12;
const DESTINATION = 16;
export const IPV4_BYTES = 20;

const MORE_FRAGMENTS = 0x2000;
const OFFSET = 0x1fff;

export function ipv4(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < IPV4_BYTES) return walk.short('ipv4', IPV4_BYTES);
  const versionAndLength = bytes[at + VERSION_AND_LENGTH];
  if (versionAndLength >>> 4 !== 4) return walk.fail('bad_version', 'ipv4');
  const headerBytes = (versionAndLength & 0x0f) << 2;
  if (headerBytes < IPV4_BYTES) return walk.fail('bad_header_length', 'ipv4', IPV4_BYTES, headerBytes);
  const totalLength = u16(bytes, at + TOTAL_LENGTH);
  if (totalLength === 0) {
    // Segmentation offload: the card fills it in later; the packet is the rest of the frame.
  } else if (totalLength < headerBytes) {
    return walk.fail('bad_length', 'ipv4', headerBytes, totalLength);
  } else {
    walk.limit(totalLength);
  }
  if (walk.end - at < headerBytes) return walk.fail('truncated', 'ipv4', headerBytes, walk.end - at);
  if (!enterIp(walk, FAMILY_IPV4, at + SOURCE, at + DESTINATION)) return walk.fail('too_deep', 'ipv4');

  walk.at = at + headerBytes;
  const protocol = bytes[at + PROTOCOL];
  const nextLayer = LAYER_OF_IP_PROTOCOL[protocol];
  const flagsAndOffset = u16(bytes, at + FLAGS_AND_OFFSET);
  // Every fragment names the protocol: fragments of an undecoded one need not be held.
  if ((flagsAndOffset & (MORE_FRAGMENTS | OFFSET)) === 0 || nextLayer === STOP) return walk.orUnknown(nextLayer, 'ipv4');

  walk.fragmentNext = nextLayer;
  walk.fragmentMore = (flagsAndOffset & MORE_FRAGMENTS) !== 0;
  walk.fragmentOffset = (flagsAndOffset & OFFSET) << 3;
  walk.fragmentId = u16(bytes, at + IDENTIFICATION);
  walk.fragmentProtocol = protocol;
  return FRAGMENT;
}
