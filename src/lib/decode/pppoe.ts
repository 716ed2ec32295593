/**
 * PPP over Ethernet, session stage (RFC 2516 section 4):
 *   0 version 4 bits, type 4 bits, 1 code 1, 2 session 2, 4 length 2
 */
import { u16 } from '../base/index.js';
import { PPP } from './layer-ids.js';
import type { Walk } from './walk.js';

const VERSION_AND_TYPE = 0;
const CODE = 1;
const LENGTH = 4;
const PPPOE_BYTES = 6;
/** RFC 2516 section 4: version 1, type 1. */
const VERSION_1_TYPE_1 = 0x11;

export function pppoe(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < PPPOE_BYTES) return walk.short('pppoe', PPPOE_BYTES);
  if (bytes[at + VERSION_AND_TYPE] !== VERSION_1_TYPE_1) return walk.fail('bad_version', 'pppoe');
  if (bytes[at + CODE] !== 0) return walk.fail('unknown_protocol', 'pppoe');
  walk.at = at + PPPOE_BYTES;
  walk.narrow(u16(bytes, at + LENGTH));
  return PPP;
}
