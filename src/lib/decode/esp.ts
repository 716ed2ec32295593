/**
 * IPsec ESP with NULL encryption (RFC 4303 section 2, RFC 2410), in IP and in UDP (RFC 3948). Nothing in the packet says that the
 * cipher is NULL: it is assumed where the trailer agrees with the header of the supposed payload (RFC 5879 section 8).
 *   0 security parameter index 4, 4 sequence 4, 8 payload, padding 1, 2, 3, ..., pad length 1, next header 1, integrity value 0 to 32
 */
import { FAMILY_IPV4, PROTOCOL_UDP, u16, u32 } from '../base/index.js';
import { DATAGRAM, STOP } from './layer-ids.js';
import { LAYER_OF_IP_PROTOCOL, LAYER_OF_IPV6_HEADER } from './next-layer.js';
import type { Walk } from './walk.js';

const ESP_BYTES = 8;
const TRAILER_BYTES = 2;
/** Integrity values: HMAC-MD5/SHA1-96, AES-GMAC and SHA-256-128, none, SHA-384-192, SHA-512-256, and 8-byte ones. */
const INTEGRITY_BYTES: readonly number[] = [12, 16, 0, 24, 32, 8];
/** AES-GMAC (RFC 4543) has an initialisation vector before the payload; the others have none. */
const VECTOR_BYTES: readonly number[] = [0, 8];
/** End of the length field of a UDP header; those of IP headers end earlier. */
const UDP_LENGTH_END = 6;
const MIN_BYTES = ESP_BYTES + TRAILER_BYTES;
const MAX_PADDING = 15;
const MAX_INTEGRITY = 32;

const IPV4_WITHIN = 4;
const TCP = 6;
const IPV6_WITHIN = 41;

export function esp(walk: Walk): number {
  if (walk.end - walk.at < MIN_BYTES) return walk.short('esp', MIN_BYTES);
  return walk.orUnknown(nullCipher(walk), 'esp');
}

/** An index of zero is IKE (RFC 3948 section 2.2). */
export function espInUdp(walk: Walk): number {
  if (walk.end - walk.at < MIN_BYTES || u32(walk.bytes, walk.at) === 0) return DATAGRAM;
  return nullCipher(walk) || DATAGRAM;
}

/** Moves the walk to the payload; STOP if it does not look unencrypted. */
function nullCipher(walk: Walk): number {
  const { bytes, at, end } = walk;
  if (walk.missing > 0) return cutPayload(walk);
  for (const vector of VECTOR_BYTES) {
    const payload = at + ESP_BYTES + vector;
    for (const integrity of INTEGRITY_BYTES) {
      const nextAt = end - integrity - 1;
      if (nextAt <= payload) continue;
      const payloadEnd = nextAt - 1 - bytes[nextAt - 1];
      if (payloadEnd <= payload) continue;
      const layer = layerOf(walk, bytes[nextAt]);
      if (layer === STOP || !isPadding(bytes, payloadEnd, nextAt - 1) || !looksLike(bytes, bytes[nextAt], payload, payloadEnd)) continue;
      walk.at = payload;
      walk.end = payloadEnd;
      return layer;
    }
  }
  return STOP;
}

/** With the trailer cut off: a UDP or IP header whose length matches that of the packet. */
function cutPayload(walk: Walk): number {
  const { bytes, end } = walk;
  for (const vector of VECTOR_BYTES) {
    const payload = walk.at + ESP_BYTES + vector;
    if (end - payload < UDP_LENGTH_END) break;
    const wireLength = end + walk.missing - payload;
    for (const [protocol, length] of [
      [PROTOCOL_UDP, u16(bytes, payload + 4)],
      [IPV4_WITHIN, bytes[payload] === 0x45 ? u16(bytes, payload + 2) : wireLength],
      [IPV6_WITHIN, bytes[payload] >>> 4 === 6 ? 40 + u16(bytes, payload + 4) : wireLength],
    ]) {
      const trailer = wireLength - length;
      if (trailer < TRAILER_BYTES || trailer > TRAILER_BYTES + MAX_PADDING + MAX_INTEGRITY) continue;
      walk.at = payload;
      return layerOf(walk, protocol);
    }
  }
  return STOP;
}

function layerOf(walk: Walk, protocol: number): number {
  return (walk.packet.family === FAMILY_IPV4 ? LAYER_OF_IP_PROTOCOL : LAYER_OF_IPV6_HEADER)[protocol];
}

/** RFC 4303 section 2.4: 1, 2, 3 and so on. */
function isPadding(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== i - from + 1) return false;
  return true;
}

/** Checks enough fixed bits that random bytes pass once in millions. */
function looksLike(bytes: Buffer, protocol: number, from: number, to: number): boolean {
  const length = to - from;
  switch (protocol) {
    case PROTOCOL_UDP:
      return length >= 8 && u16(bytes, from + 4) === length;
    case TCP:
      // Header length in range, reserved bits and urgent pointer zero.
      return (
        length >= 20 &&
        bytes[from + 12] >>> 4 >= 5 &&
        (bytes[from + 12] >>> 4) * 4 <= length &&
        (bytes[from + 12] & 0x0e) === 0 &&
        u16(bytes, from + 18) === 0
      );
    case IPV4_WITHIN:
      return length >= 20 && bytes[from] === 0x45 && u16(bytes, from + 2) === length;
    case IPV6_WITHIN:
      return length >= 40 && bytes[from] >>> 4 === 6 && u16(bytes, from + 4) === length - 40;
    default:
      return false;
  }
}
