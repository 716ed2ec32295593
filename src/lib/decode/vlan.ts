/**
 * VLAN tag (IEEE 802.1Q section 9.6), also as service tag of 802.1ad:
 *   0 priority 3 bits, drop eligible 1 bit, VLAN id 12 bits, 2 EtherType or length 2
 */
import { u16 } from '../base/index.js';
import { etherType } from './ethernet.js';
import type { Walk } from './walk.js';

const TAG = 0;
const TYPE = 2;
const VLAN_BYTES = 4;
const VLAN_ID = 0x0fff;

export function vlan(walk: Walk): number {
  const { bytes, at, packet } = walk;
  if (walk.end - at < VLAN_BYTES) return walk.short('vlan', VLAN_BYTES);
  const id = u16(bytes, at + TAG) & VLAN_ID;
  if (packet.vlan < 0) packet.vlan = id;
  walk.enterScope(id);
  walk.at = at + VLAN_BYTES;
  return etherType(walk, u16(bytes, at + TYPE), 'vlan');
}
