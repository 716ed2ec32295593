/**
 * RTCP compounds (RFC 3550 section 6.1): consecutive packets, each with its own length.
 *
 *    0                   1                   2                   3
 *   |V=2|P|  count  |  packet type  |  length in 32-bit words - 1   |
 */
import { fault, isFault, u16, u32, type Fault } from '../../base/index.js';
import { readExtendedReport } from './extended-report.js';
import { readFeedback } from './feedback.js';
import {
  RTCP_APP,
  RTCP_BYE,
  RTCP_PSFB,
  RTCP_RR,
  RTCP_RTPFB,
  RTCP_SDES,
  RTCP_SR,
  RTCP_XR,
  type RtcpCompound,
  type RtcpPacket,
} from './packets.js';
import { readReceiverReport, readSenderReport } from './reports.js';
import { readApplication, readGoodbye, readSourceDescription } from './source-description.js';

const HEADER_BYTES = 4;

/**
 * True if the bytes have the form of an RTCP compound: version 2, a packet type of 200 to 207 first (RFC 5761
 * section 4 keeps these apart from RTP), and lengths that add up to the datagram's.
 */
export function looksLikeRtcp(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 8 || bytes[from] >> 6 !== 2 || bytes[from + 1] < RTCP_SR || bytes[from + 1] > RTCP_XR) return false;
  let at = from;
  while (to - at >= HEADER_BYTES) {
    if (bytes[at] >> 6 !== 2 || bytes[at + 1] < 192 || bytes[at + 1] > 223) return false;
    at += HEADER_BYTES + u16(bytes, at + 2) * 4;
  }
  return at === to;
}

/** All packets of `bytes[from, to)`. */
export function decodeRtcp(bytes: Buffer, from: number, to: number): RtcpCompound {
  const packets: RtcpPacket[] = [];
  let at = from;
  while (at < to) {
    const packet = decodePacket(bytes, at, to);
    if (isFault(packet)) return { packets, fault: packet };
    packets.push(packet);
    at += HEADER_BYTES + u16(bytes, at + 2) * 4;
  }
  return { packets, fault: packets.length === 0 ? fault('too_short', 'rtcp', from, HEADER_BYTES, 0) : null };
}

function decodePacket(bytes: Buffer, at: number, to: number): RtcpPacket | Fault {
  if (to - at < HEADER_BYTES) return fault('too_short', 'rtcp', at, HEADER_BYTES, to - at);
  if (bytes[at] >> 6 !== 2) return fault('bad_version', 'rtcp', at);
  const packetType = bytes[at + 1];
  if (packetType < 192 || packetType > 223) return fault('unknown_protocol', 'rtcp', at);
  const length = HEADER_BYTES + u16(bytes, at + 2) * 4;
  if (at + length > to) return fault('truncated', 'rtcp', at, length, to - at);
  const count = bytes[at] & 0x1f;
  const end = at + length - paddingOf(bytes, at, length);
  if (end < at + HEADER_BYTES) return fault('bad_length', 'rtcp padding', at);
  const body = at + HEADER_BYTES;
  switch (packetType) {
    case RTCP_SR:
      return readSenderReport(bytes, body, end, count);
    case RTCP_RR:
      return readReceiverReport(bytes, body, end, count);
    case RTCP_SDES:
      return readSourceDescription(bytes, body, end, count);
    case RTCP_BYE:
      return readGoodbye(bytes, body, end, count);
    case RTCP_APP:
      return readApplication(bytes, body, end, count);
    case RTCP_RTPFB:
    case RTCP_PSFB:
      return readFeedback(bytes, body, end, packetType, count);
    case RTCP_XR:
      return readExtendedReport(bytes, body, end);
    default:
      return { kind: 'other', packetType, count, data: bytes.subarray(body, end) };
  }
}

/** Section 6.4.1: the last octet of the padding is its length, itself included. */
function paddingOf(bytes: Buffer, at: number, length: number): number {
  return (bytes[at] & 0x20) === 0 ? 0 : Math.max(1, bytes[at + length - 1]);
}

/** SSRC of the packet's sender, or of its first source; 0 if it names none. */
export function senderOf(packet: RtcpPacket): number {
  if ('ssrc' in packet) return packet.ssrc;
  if (packet.kind === 'sdes') return packet.chunks.length > 0 ? packet.chunks[0].source : 0;
  if (packet.kind === 'bye') return packet.sources.length > 0 ? packet.sources[0] : 0;
  return packet.data.length >= 4 ? u32(packet.data, 0) : 0;
}
