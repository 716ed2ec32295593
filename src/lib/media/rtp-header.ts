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

/** Where the payload begins; -1 if not an RTP packet. STUN, DTLS and ZRTP have another version (RFC 7983). */
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
