/**
 * Linux "cooked" capture (tcpdump.org LINKTYPE_LINUX_SLL):
 *   0 packet type 2, 2 ARPHRD 2, 4 address length 2, 6 address 8, 14 protocol 2
 */
import { u16 } from '../base/index.js';
import { LLC, STOP } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const HARDWARE = 2;
const PROTOCOL = 14;
const SLL_BYTES = 16;
/** Linux ARPHRD number whose protocol field is not an EtherType. */
const ARPHRD_NETLINK = 824;
/** Protocol value for an 802.2 LLC header. */
const PROTOCOL_LLC = 4;

export function sll(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < SLL_BYTES) return walk.short('sll', SLL_BYTES);
  walk.at = at + SLL_BYTES;
  return cookedSuccessor(walk, u16(bytes, at + HARDWARE), u16(bytes, at + PROTOCOL), 'sll');
}

export function cookedSuccessor(walk: Walk, hardware: number, protocol: number, part: string): number {
  if (protocol === PROTOCOL_LLC) return LLC;
  return walk.orUnknown(hardware === ARPHRD_NETLINK ? STOP : LAYER_OF_ETHER_TYPE[protocol], part);
}
