/**
 * MACsec with integrity protection only (IEEE 802.1AE-2018 section 9):
 *   0 control 1, 1 short length 1, 2 packet number 4, 6 optional channel identifier 8, then EtherType 2;
 *   an integrity value follows the payload
 */
import { u16 } from '../base/index.js';
import { etherType } from './ethernet.js';
import type { Walk } from './walk.js';

const CONTROL = 0;
const MACSEC_BYTES = 6;
const CHANNEL_BYTES = 8;
const TYPE_BYTES = 2;

const VERSION = 0x80;
const HAS_CHANNEL = 0x20;
/** Encrypted, or otherwise changed. */
const UNREADABLE = 0x0c;

export function macsec(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < MACSEC_BYTES) return walk.short('macsec', MACSEC_BYTES);
  const control = bytes[at + CONTROL];
  if ((control & VERSION) !== 0) return walk.fail('bad_version', 'macsec');
  if ((control & UNREADABLE) !== 0) return walk.fail('unknown_protocol', 'macsec');
  const typeAt = MACSEC_BYTES + ((control & HAS_CHANNEL) !== 0 ? CHANNEL_BYTES : 0);
  if (typeAt + TYPE_BYTES > there) return walk.fail('truncated', 'macsec', typeAt + TYPE_BYTES, there);
  walk.at = at + typeAt + TYPE_BYTES;
  return etherType(walk, u16(bytes, at + typeAt), 'macsec');
}
