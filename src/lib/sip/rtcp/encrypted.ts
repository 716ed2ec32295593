/**
 * SRTCP (RFC 3711 section 3.4): everything after the header and sender of the first packet is encrypted. It is recognised by
 * its trailer: the encryption flag, an index that counts packets from 1, and the authentication tag.
 */
import { u32 } from '../../base/index.js';

/** HMAC-SHA1-80 and its short form used by ZRTP; AES-GCM (RFC 7714 section 9) has its tag before the trailer. */
const TAG_BYTES = [10, 4, 0];
const HEAD_BYTES = 8;
const TRAILER_BYTES = 4;
/** RTCP is sent every few seconds: no call sends so many. */
const MAX_INDEX = 0x00ff_ffff;

/** True if the end looks like that trailer; by chance one in a hundred does. */
export function looksEncrypted(bytes: Uint8Array, from: number, to: number): boolean {
  for (const tagBytes of TAG_BYTES) {
    const at = to - tagBytes - TRAILER_BYTES;
    if (at < from + HEAD_BYTES) continue;
    const trailer = u32(bytes, at);
    const index = trailer & 0x7fff_ffff;
    if (trailer >= 0x8000_0000 && index > 0 && index <= MAX_INDEX) return true;
  }
  return false;
}
