/**
 * TCP (RFC 9293 section 3.1):
 *   0 source port 2, 2 destination port 2, 4 sequence 4, 8 acknowledgement 4, 12 data offset 4 bits (words), 13 flags 1,
 *   14 window 2, 16 checksum 2, 18 urgent 2, 20 options
 */
import { PROTOCOL_TCP, i32, u16 } from '../base/index.js';
import { SEGMENT } from './layer-ids.js';
import { SCALE_ABSENT } from './peer-view.js';
import type { Walk } from './walk.js';

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGEMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
export const TCP_BYTES = 20;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

/** Options (RFC 9293 section 3.2; window scale: RFC 7323 section 2.2). */
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const WINDOW_SCALE = 3;
const MAX_SCALE = 14;

export function tcp(walk: Walk): number {
  const { bytes, at, packet } = walk;
  const there = walk.end - at;
  if (there < TCP_BYTES) return walk.short('tcp', TCP_BYTES);
  const headerBytes = (bytes[at + DATA_OFFSET] >>> 4) << 2;
  if (headerBytes < TCP_BYTES) return walk.fail('bad_header_length', 'tcp', TCP_BYTES, headerBytes);
  if (headerBytes > there) return walk.fail('truncated', 'tcp', headerBytes, there);
  packet.sourcePort = u16(bytes, at + SOURCE_PORT);
  packet.destinationPort = u16(bytes, at + DESTINATION_PORT);
  packet.protocol = PROTOCOL_TCP;
  packet.tcpFlags = bytes[at + FLAGS];
  walk.sequence = i32(bytes, at + SEQUENCE);
  walk.acknowledgement = i32(bytes, at + ACKNOWLEDGEMENT);
  walk.window = u16(bytes, at + WINDOW);
  if ((packet.tcpFlags & SYN) !== 0) walk.windowScale = windowScale(bytes, at + TCP_BYTES, at + headerBytes);
  walk.at = at + headerBytes;
  return SEGMENT;
}

function windowScale(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to;) {
    const kind = bytes[at];
    if (kind === END_OF_OPTIONS) break;
    if (kind === WINDOW_SCALE && at + 2 < to) return Math.min(bytes[at + 2], MAX_SCALE);
    at += kind === NO_OPERATION ? 1 : Math.max(2, bytes[at + 1]);
  }
  return SCALE_ABSENT;
}
