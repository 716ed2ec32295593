/** Decompresses payloads (chunk 0x0010) and datagrams: gzip, zlib and raw deflate, with a limit on the output. */
import { gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { fault, isFault, type Fault } from '../base/index.js';
import { looksLikeHep } from './not-hep.js';

/** Decompressed payloads, made and accepted: no SIP message is larger. */
export const MAX_DECOMPRESSED_BYTES = 1024 * 1024;
/** HEP lengths are 16 bits wide. */
const MAX_DATAGRAM_BYTES = 65_535;
/** RFC 1952 section 2.3: header and trailer. */
const GZIP_BYTES = 18;

export function decompressPayload(bytes: Buffer, from: number, to: number, limit: number): Buffer | Fault {
  const compressed = bytes.subarray(from, to);
  if (compressed[0] === 0x1f && compressed[1] === 0x8b) return tried(compressed, [gunzipSync], limit, from, 'hep3 payload');
  // RFC 1950 section 2.2: method 8 and a header that is a multiple of 31; raw deflate has no header.
  const isZlib = (compressed[0] & 0x0f) === 8 && ((compressed[0] << 8) | compressed[1]) % 31 === 0;
  return tried(compressed, isZlib ? [inflateSync, inflateRawSync] : [inflateRawSync], limit, from, 'hep3 payload');
}

export function decompressDatagram(bytes: Buffer, from: number, to: number, limit: number): Buffer | Fault {
  return tried(bytes.subarray(from, to), [gunzipSync], limit, from, 'hep datagram');
}

/** The HEP packet of a datagram that heplify compressed as a whole; null if it is something else. */
export function decompressHepDatagram(bytes: Buffer, from: number, to: number, limit = MAX_DATAGRAM_BYTES): Buffer | null {
  if (to - from < GZIP_BYTES || bytes[from] !== 0x1f || bytes[from + 1] !== 0x8b || bytes[from + 2] !== 8) return null;
  const plain = decompressDatagram(bytes, from, to, limit);
  return !isFault(plain) && looksLikeHep(plain, 0, plain.length) ? plain : null;
}

function tried(
  compressed: Buffer,
  decompressors: readonly ((bytes: Buffer, options: ZlibOptions) => Buffer)[],
  limit: number,
  at: number,
  part: string,
): Buffer | Fault {
  for (const decompress of decompressors) {
    try {
      const decompressed = decompress(compressed, { maxOutputLength: limit });
      return decompressed.length === 0 ? fault('empty_payload', part, at) : decompressed;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return fault('too_big', part, at);
    }
  }
  return fault('decompress_failed', part, at);
}
