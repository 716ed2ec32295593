/**
 * GTP-U (3GPP TS 29.281 section 5.1), over UDP:
 *   0 version 3 bits, protocol type 1 bit, spare 1 bit, E, S, PN 1 bit each, 1 message type 1, 2 length 2 (beyond byte 8),
 *   4 tunnel 4, then if E, S or PN is set: 8 sequence 2, 10 N-PDU 1, 11 next extension header 1
 */
import { i32, u16 } from '../base/index.js';
import { DATAGRAM, RAW_IP } from './layer-ids.js';
import type { Walk } from './walk.js';

const FLAGS = 0;
const MESSAGE_TYPE = 1;
const LENGTH = 2;
const TUNNEL = 4;
const NEXT_EXTENSION = 11;
const GTP_BYTES = 8;
const OPTIONAL_BYTES = 4;

/** Version 1, protocol type GTP. */
const VERSION_1 = 0x30;
const VERSION_AND_TYPE = 0xf0;
const EXTENSION = 0x04;
const ANY_OPTIONAL = 0x07;
/** TS 29.281 section 6.1: a T-PDU carries a user packet. */
const T_PDU = 255;

/** Distinguishes a GTP-U T-PDU from other traffic on its port. */
function looksLikeGtp(bytes: Buffer, at: number, end: number): boolean {
  return end - at >= GTP_BYTES && (bytes[at + FLAGS] & VERSION_AND_TYPE) === VERSION_1 && bytes[at + MESSAGE_TYPE] === T_PDU;
}

export function gtp(walk: Walk): number {
  const { bytes, at } = walk;
  if (!looksLikeGtp(bytes, at, walk.end)) return DATAGRAM;
  const flags = bytes[at + FLAGS];
  walk.narrow(GTP_BYTES + u16(bytes, at + LENGTH));
  let next = at + GTP_BYTES;
  if ((flags & ANY_OPTIONAL) !== 0) {
    next += OPTIONAL_BYTES;
    if (next > walk.end) return walk.fail('truncated', 'gtp', next - at, walk.end - at);
    if ((flags & EXTENSION) !== 0 && bytes[at + NEXT_EXTENSION] !== 0) next = skipExtensions(walk, next);
    if (next < 0) return walk.fail('truncated', 'gtp extension', 4, walk.end - walk.at);
  }
  walk.enterScope(i32(bytes, at + TUNNEL));
  walk.at = next;
  return RAW_IP;
}

/** TS 29.281 section 5.2: length in words first, the next extension's type last; -1 if they run past the packet. */
function skipExtensions(walk: Walk, from: number): number {
  const { bytes, end } = walk;
  let at = from;
  for (;;) {
    if (at >= end) return -1;
    const length = bytes[at] << 2;
    if (length === 0 || at + length > end) return -1;
    at += length;
    if (bytes[at - 1] === 0) return at;
  }
}
