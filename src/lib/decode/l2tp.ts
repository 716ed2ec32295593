/**
 * L2TP data messages. Version 2 (RFC 2661 section 3.1), in UDP:
 *   0 flags and version 2, then, if its flag is set: length 2; tunnel 2, session 2, then, if set: sequence 4, offset 2 and padding; PPP
 * Version 3 (RFC 3931 section 4.1), in UDP after flags 2 and reserved 2, or directly in IP: session 4, cookie 0, 4 or 8 and sublayer
 * 0 or 4. Only the two ends know these sizes: the offset at which Ethernet, PPP or IP follows is found by trying.
 */
import { i32, u16 } from '../base/index.js';
import { DATAGRAM, ETHERNET, PPP, RAW_IP, STOP } from './layer-ids.js';
import { LAYER_OF_ETHER_TYPE } from './next-layer.js';
import type { Walk } from './walk.js';

const FLAGS = 0;
const MIN_UDP_BYTES = 6;
const UDP_SESSION = 4;
const SESSION_BYTES = 4;

const CONTROL = 0x8000;
const HAS_LENGTH = 0x4000;
const HAS_SEQUENCE = 0x0800;
const HAS_OFFSET = 0x0200;
/** Reserved bits, which distinguish L2TP from text on its port. */
const RESERVED = 0x34f0;
const VERSION = 0x000f;

export function l2tpInUdp(walk: Walk): number {
  const { bytes, at } = walk;
  if (walk.end - at < MIN_UDP_BYTES) return DATAGRAM;
  const flags = u16(bytes, at + FLAGS);
  if ((flags & CONTROL) !== 0 || (flags & RESERVED) !== 0) return DATAGRAM;
  const version = flags & VERSION;
  if (version === 2) return version2(walk, flags);
  if (version !== 3 || walk.end - at < UDP_SESSION + SESSION_BYTES) return DATAGRAM;
  return version3(walk, at + UDP_SESSION, DATAGRAM);
}

export function l2tpInIp(walk: Walk): number {
  if (walk.end - walk.at < SESSION_BYTES) return walk.short('l2tp', SESSION_BYTES);
  const next = version3(walk, walk.at, STOP);
  // Session 0 is the control connection.
  return walk.orUnknown(next, 'l2tp');
}

function version2(walk: Walk, flags: number): number {
  const { bytes, at, end } = walk;
  const tunnelAt = at + 2 + ((flags & HAS_LENGTH) !== 0 ? 2 : 0);
  let payload = tunnelAt + 4 + ((flags & HAS_SEQUENCE) !== 0 ? 4 : 0);
  if ((flags & HAS_OFFSET) !== 0) {
    if (payload + 2 > end) return walk.fail('truncated', 'l2tp', payload + 2 - at, end - at);
    payload += 2 + u16(bytes, payload);
  }
  if (payload > end) return walk.fail('truncated', 'l2tp', payload - at, end - at);
  walk.enterScope(i32(bytes, tunnelAt));
  if ((flags & HAS_LENGTH) !== 0) walk.narrow(u16(bytes, at + 2));
  if (payload > walk.end) return walk.fail('bad_length', 'l2tp', payload - at, walk.end - at);
  walk.at = payload;
  return PPP;
}

function version3(walk: Walk, sessionAt: number, otherwise: number): number {
  const session = i32(walk.bytes, sessionAt);
  if (session === 0) return otherwise;
  const first = sessionAt + SESSION_BYTES;
  // Cookie and sublayer together: 0, 4, 8 or 12 bytes.
  for (let payload = first; payload <= first + 12; payload += 4) {
    const layer = payloadLayer(walk.bytes, payload, walk.end);
    if (layer === STOP) continue;
    walk.enterScope(session);
    walk.at = payload;
    return layer;
  }
  return otherwise;
}

function payloadLayer(bytes: Buffer, at: number, end: number): number {
  if (end - at < 16) return STOP;
  const type = u16(bytes, at + 12);
  if (LAYER_OF_ETHER_TYPE[type] !== STOP && agreesWithVersion(type, bytes[at + 14])) return ETHERNET;
  const protocol = u16(bytes, at + 2);
  if (u16(bytes, at) === 0xff03 && (protocol === 0x0021 || protocol === 0x0057)) return PPP;
  return end - at >= 20 && (bytes[at] === 0x45 || bytes[at] >>> 4 === 6) && ipLengthFits(bytes, at, end) ? RAW_IP : STOP;
}

function agreesWithVersion(type: number, first: number): boolean {
  if (type === 0x0800) return first >>> 4 === 4;
  return type !== 0x86dd || first >>> 4 === 6;
}

function ipLengthFits(bytes: Buffer, at: number, end: number): boolean {
  return (bytes[at] === 0x45 ? u16(bytes, at + 2) : 40 + u16(bytes, at + 4)) === end - at;
}
