/**
 * The header of RTP (RFC 3550 section 5.1), which SRTP leaves clear (RFC 3711 section 3.1):
 *
 *    0                   1                   2                   3
 *   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *   |                           timestamp                           |
 *   |                             SSRC                              |
 *
 * then CC sources of 4 bytes, and with X an extension of its own length.
 */
import { u16 } from '../base/index.js';

export const HEADER_BYTES = 12;
export const SEQUENCE_AT = 2;
export const TIMESTAMP_AT = 4;
export const SSRC_AT = 8;
/** Packet types of RTCP, marker included (RFC 5761 section 4): RTP does not use them. */
const RTCP_FIRST = 192;
const RTCP_LAST = 223;

/** Where the payload begins; -1 for bytes that are no RTP packet. STUN, DTLS and ZRTP have another version (RFC 7983). */
export function rtpPayloadAt(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from];
  if (first >> 6 !== 2 || to - from < HEADER_BYTES) return -1;
  const second = bytes[from + 1];
  if (second >= RTCP_FIRST && second <= RTCP_LAST) return -1;
  let at = from + HEADER_BYTES + ((first & 0x0f) << 2);
  if ((first & 0x10) !== 0) {
    if (at + 4 > to) return -1;
    at += 4 + (u16(bytes, at + 2) << 2);
  }
  return at <= to ? at : -1;
}

/** TURN's ChannelData (RFC 8656 section 12.4): a channel of 0x4000 to 0x4fff, and the length of what is in it. */
export function channelDataAt(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 4 || bytes[from] >> 4 !== 4) return -1;
  const length = u16(bytes, from + 2);
  const rest = to - from - 4 - length;
  return rest >= 0 && rest < 4 ? from + 4 : -1;
}

/** Where the header is, in a channel or not; -1 for what is no RTP packet. */
export function rtpAt(bytes: Uint8Array, from: number, to: number): number {
  if (rtpPayloadAt(bytes, from, to) >= 0) return from;
  const inner = channelDataAt(bytes, from, to);
  return inner >= 0 && rtpPayloadAt(bytes, inner, to) >= 0 ? inner : -1;
}
