/**
 * Linux netfilter log (tcpdump.org LINKTYPE_NFLOG):
 *   0 address family 1, 1 version 1, 2 resource 2, 4 attributes, each padded to 4 bytes: length 2 (with these four), type 2, value;
 *   lengths and types are in the byte order of the capturing machine
 */
import { u16, u16le } from '../base/index.js';
import { layerOfFamily } from './null-loop.js';
import type { Walk } from './walk.js';

const FAMILY = 0;
const VERSION = 1;
const NFLOG_BYTES = 4;
const ATTRIBUTE_BYTES = 4;
const TYPE_MASK = 0x7fff;
/** linux/netfilter/nfnetlink_log.h NFULA_PAYLOAD. */
const PAYLOAD = 9;
/** There are some twenty types: a larger number is in the other byte order. */
const LARGEST_TYPE = 0xff;

export function nflog(walk: Walk): number {
  const { bytes, at, end } = walk;
  if (end - at < NFLOG_BYTES) return walk.short('nflog', NFLOG_BYTES);
  if (bytes[at + VERSION] !== 0) return walk.fail('bad_version', 'nflog');
  for (let attribute = at + NFLOG_BYTES; ;) {
    if (attribute + ATTRIBUTE_BYTES > end) return walk.fail('truncated', 'nflog', attribute + ATTRIBUTE_BYTES - at, end - at);
    const isLittle = (u16le(bytes, attribute + 2) & TYPE_MASK) <= LARGEST_TYPE;
    const length = isLittle ? u16le(bytes, attribute) : u16(bytes, attribute);
    if (length < ATTRIBUTE_BYTES) return walk.fail('bad_length', 'nflog', ATTRIBUTE_BYTES, length);
    if (((isLittle ? u16le(bytes, attribute + 2) : u16(bytes, attribute + 2)) & TYPE_MASK) === PAYLOAD) {
      walk.at = attribute + ATTRIBUTE_BYTES;
      walk.narrow(length - ATTRIBUTE_BYTES);
      return walk.orUnknown(layerOfFamily(bytes[at + FAMILY]), 'nflog');
    }
    attribute += (length + 3) & ~3;
  }
}
