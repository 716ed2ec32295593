/**
 * Linux "cooked" capture, second version (tcpdump.org LINKTYPE_LINUX_SLL2):
 *   0 protocol 2, 2 reserved 2, 4 interface 4, 8 ARPHRD 2, 10 packet type 1, 11 address length 1, 12 address 8
 */
import { u16 } from '../base/index.js';
import { cookedSuccessor } from './sll.js';
import type { Walk } from './walk.js';

const PROTOCOL = 0;
const HARDWARE = 8;
const SLL2_BYTES = 20;

export function sll2(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < SLL2_BYTES) return walk.short('sll2', SLL2_BYTES);
  walk.at = at + SLL2_BYTES;
  return cookedSuccessor(walk, u16(bytes, at + HARDWARE), u16(bytes, at + PROTOCOL), 'sll2');
}
