/**
 * SCTP common header (RFC 9260 section 3.1); the chunks after it are read by sctp-chunks.ts:
 *   0 source port 2, 2 destination port 2, 4 verification tag 4, 8 checksum 4
 */
import { PROTOCOL_SCTP, i32, u16 } from '../base/index.js';
import { CHUNKS } from './layer-ids.js';
import type { Walk } from './walk.js';

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const VERIFICATION_TAG = 4;
export const SCTP_BYTES = 12;

export function sctp(walk: Walk): number {
  const { bytes, at, packet } = walk;
  if (walk.end - at < SCTP_BYTES) return walk.short('sctp', SCTP_BYTES);
  packet.sourcePort = u16(bytes, at + SOURCE_PORT);
  packet.destinationPort = u16(bytes, at + DESTINATION_PORT);
  packet.protocol = PROTOCOL_SCTP;
  walk.sequence = i32(bytes, at + VERIFICATION_TAG);
  walk.at = at + SCTP_BYTES;
  return CHUNKS;
}
