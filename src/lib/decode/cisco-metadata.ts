/**
 * Cisco MetaData, the security group tag of TrustSec (EtherType 8909):
 *   0 version 1, 1 length 1 (options of 4 bytes), 2 options: kind 2, security group 2; then EtherType 2
 */
import { u16 } from '../base/index.js';
import { etherType } from './ethernet.js';
import type { Walk } from './walk.js';

const VERSION = 0;
const LENGTH = 1;
const FIXED_BYTES = 2;
const OPTION_BYTES = 4;
const TYPE_BYTES = 2;
const MIN_BYTES = FIXED_BYTES + TYPE_BYTES;

export function ciscoMetadata(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < MIN_BYTES) return walk.short('cisco metadata', MIN_BYTES);
  if (bytes[at + VERSION] !== 1) return walk.fail('bad_version', 'cisco metadata');
  const typeAt = FIXED_BYTES + bytes[at + LENGTH] * OPTION_BYTES;
  if (typeAt + TYPE_BYTES > there) return walk.fail('truncated', 'cisco metadata', typeAt + TYPE_BYTES, there);
  walk.at = at + typeAt + TYPE_BYTES;
  return etherType(walk, u16(bytes, at + typeAt), 'cisco metadata');
}
