/**
 * TaZmen Sniffer Protocol, used for mirroring by MikroTik and others, over UDP (description by Network Chemistry, no RFC):
 *   0 version 1, 1 type 1, 2 encapsulated protocol 2, 4 tagged fields (tag 1, length 1, value) up to the end tag
 */
import { u16 } from '../base/index.js';
import { DATAGRAM, ETHERNET } from './layer-ids.js';
import type { Walk } from './walk.js';

const VERSION = 0;
const TYPE = 1;
const PROTOCOL = 2;
const TZSP_BYTES = 4;

const TYPE_TRANSMIT = 1;
const PROTOCOL_ETHERNET = 1;
const TAG_PADDING = 0;
const TAG_END = 1;

/** Distinguishes TZSP from other traffic on its port. */
function looksLikeTzsp(bytes: Buffer, at: number, end: number): boolean {
  return (
    end - at > TZSP_BYTES &&
    bytes[at + VERSION] === 1 &&
    bytes[at + TYPE] <= TYPE_TRANSMIT &&
    u16(bytes, at + PROTOCOL) === PROTOCOL_ETHERNET
  );
}

export function tzsp(walk: Walk): number {
  const { bytes, end } = walk;
  let { at } = walk;
  if (!looksLikeTzsp(bytes, at, end)) return DATAGRAM;
  at += TZSP_BYTES;
  while (at < end && bytes[at] !== TAG_END) at += bytes[at] === TAG_PADDING || at + 1 === end ? 1 : 2 + bytes[at + 1];
  if (at >= end) return walk.fail('truncated', 'tzsp', at + 1 - walk.at, end - walk.at);
  walk.at = at + 1;
  return ETHERNET;
}
