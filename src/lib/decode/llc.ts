/**
 * 802.2 LLC with SNAP (RFC 1042):
 *   0 DSAP AA, 1 SSAP AA, 2 control 03, 3 organisation 3, 6 EtherType 2
 */
import { u16, u24 } from '../base/index.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const ORGANISATION = 3;
const TYPE = 6;
const SNAP_BYTES = 8;
const SNAP = 0xaaaa03;

export function llc(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < 3) return walk.short('llc', 3);
  if (u24(bytes, at) !== SNAP) return walk.fail('unknown_protocol', 'llc');
  if (walk.end - at < SNAP_BYTES) return walk.short('llc', SNAP_BYTES);
  if (u24(bytes, at + ORGANISATION) !== 0) return walk.fail('unknown_protocol', 'llc');
  walk.at = at + SNAP_BYTES;
  return walk.orUnknown(LAYER_OF_ETHER_TYPE[u16(bytes, at + TYPE)], 'llc');
}
