/**
 * Packet filter log of the BSDs (tcpdump.org LINKTYPE_PFLOG); only length and address family are used:
 *   0 length 1 (the header is padded to 4 bytes), 1 address family 1, 2 action 1, 3 reason 1, 4 interface, rule, ...
 */
import { layerOfFamily } from './null-loop.js';
import type { Walk } from './walk.js';

const LENGTH = 0;
const FAMILY = 1;
const PFLOG_BYTES = 4;

export function pflog(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < PFLOG_BYTES) return walk.short('pflog', PFLOG_BYTES);
  const length = (bytes[at + LENGTH] + 3) & ~3;
  if (length < PFLOG_BYTES) return walk.fail('bad_header_length', 'pflog', PFLOG_BYTES, length);
  if (length > there) return walk.fail('truncated', 'pflog', length, there);
  walk.at = at + length;
  return walk.orUnknown(layerOfFamily(bytes[at + FAMILY]), 'pflog');
}
