/**
 * Frame relay (ITU-T Q.922 section 3, RFC 2427 section 3):
 *   0 address 2 to 4 (the last byte is odd), then control 03, optional pad 00, NLPID 1;
 *   Cisco's encapsulation has an EtherType directly after the address
 */
import { u16, u24 } from '../base/index.js';
import { ETHERNET, IPV4, IPV6 } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const MIN_BYTES = 4;
const MAX_ADDRESS_BYTES = 4;
const SNAP_BYTES = 5;
const UNNUMBERED = 0x03;
const NLPID_SNAP = 0x80;
const NLPID_IPV6 = 0x8e;
const NLPID_IPV4 = 0xcc;
/** RFC 2427 section 4.2: bridged Ethernet, with (0001) and without (0007) checksum. */
const BRIDGED = 0x0080c2;

export function frameRelay(walk: Walk): number {
  const { bytes, at, end } = walk;
  if (end - at < MIN_BYTES) return walk.short('frame relay', MIN_BYTES);
  let next = at + 1;
  while ((bytes[next] & 1) === 0) if (++next - at === MAX_ADDRESS_BYTES) return walk.fail('bad_header_length', 'frame relay');
  next++;
  if (next + 2 > end) return walk.fail('truncated', 'frame relay', next + 2 - at, end - at);
  if (bytes[next] !== UNNUMBERED) {
    walk.at = next + 2;
    return walk.orUnknown(LAYER_OF_ETHER_TYPE[u16(bytes, next)], 'frame relay');
  }
  next++;
  if (bytes[next] === 0) next++;
  if (next >= end) return walk.fail('truncated', 'frame relay', next + 1 - at, end - at);
  const nlpid = bytes[next++];
  walk.at = next;
  if (nlpid === NLPID_IPV4) return IPV4;
  if (nlpid === NLPID_IPV6) return IPV6;
  if (nlpid !== NLPID_SNAP) return walk.fail('unknown_protocol', 'frame relay');
  if (next + SNAP_BYTES > end) return walk.fail('truncated', 'frame relay', next + SNAP_BYTES - at, end - at);
  walk.at = next + SNAP_BYTES;
  const organization = u24(bytes, next);
  const type = u16(bytes, next + 3);
  if (organization === 0) return walk.orUnknown(LAYER_OF_ETHER_TYPE[type], 'frame relay');
  return walk.orUnknown(organization === BRIDGED && (type === 1 || type === 7) ? ETHERNET : 0, 'frame relay');
}
