/**
 * SCTP chunks (RFC 9260 section 3.2): 0 type 1, 1 flags 1, 2 length 2, 4 value, padded to 4.
 *   DATA   (section 3.3.1):          4 TSN 4, 8 stream 2, 10 stream sequence 2, 12 payload protocol 4, 16 data
 *   I-DATA (RFC 8260 section 2.1):   4 TSN 4, 8 stream 2, 10 reserved 2, 12 message 4, 16 payload protocol or fragment 4, 20 data
 * Walks over the chunks of a packet; only these two carry user data.
 */
import { i32, u16 } from '../base/index.js';
import type { Walk } from './walk.js';

const FLAGS = 1;
const LENGTH = 2;
const TSN = 4;
const STREAM = 8;
const MESSAGE = 12;
const FRAGMENT = 16;
const CHUNK_BYTES = 4;

const TYPE_DATA = 0;
const DATA_BYTES = 16;
const TYPE_I_DATA = 64;
const I_DATA_BYTES = 20;

const LAST = 0x01;
const FIRST = 0x02;
const UNORDERED = 0x04;

/** A DATA or I-DATA chunk; one object is reused for all. */
export class DataChunk {
  transmission = 0;
  first = false;
  last = false;
  /** What the fragments of a message have in common ('' if consecutive transmission numbers link them), and their order. */
  group = '';
  index = 0;
  from = 0;
  to = 0;
  /** Shorter than its length field says. */
  cut = false;
}

/** Moves `walk.at` past the next chunk with data and fills `chunk`; false at the end, or with a fault in the walk. */
export function nextDataChunk(walk: Walk, chunk: DataChunk): boolean {
  const { bytes, end } = walk;
  // Up to three bytes of padding may be all that is left.
  while (end - walk.at >= CHUNK_BYTES) {
    const { at } = walk;
    const type = bytes[at];
    const length = u16(bytes, at + LENGTH);
    if (length < CHUNK_BYTES) {
      walk.fail('bad_length', 'sctp chunk', CHUNK_BYTES, length);
      return false;
    }
    const headerBytes = type === TYPE_DATA ? DATA_BYTES : type === TYPE_I_DATA ? I_DATA_BYTES : 0;
    if (headerBytes > 0) {
      if (length <= headerBytes || end - at < headerBytes) {
        walk.fail(end - at < headerBytes ? 'truncated' : 'bad_length', 'sctp chunk', headerBytes, Math.min(length, end - at));
        return false;
      }
      fill(walk, chunk, type, headerBytes, length);
      walk.at = Math.min(at + ((length + 3) & ~3), end);
      return true;
    }
    walk.at = Math.min(at + ((length + 3) & ~3), end);
  }
  return false;
}

function fill(walk: Walk, chunk: DataChunk, type: number, headerBytes: number, length: number): void {
  const { bytes, at, end } = walk;
  const flags = bytes[at + FLAGS];
  chunk.transmission = i32(bytes, at + TSN);
  chunk.first = (flags & FIRST) !== 0;
  chunk.last = (flags & LAST) !== 0;
  chunk.from = at + headerBytes;
  chunk.to = Math.min(at + length, end);
  chunk.cut = at + length > end;
  if (type === TYPE_DATA) {
    // RFC 9260 section 6.9: fragments of a message have transmission numbers in strict sequence.
    chunk.group = '';
    chunk.index = chunk.transmission;
  } else {
    chunk.group = `${u16(bytes, at + STREAM)}/${flags & UNORDERED}/${i32(bytes, at + MESSAGE)}`;
    // RFC 8260 section 2.1: the first fragment has the payload protocol in that field, and is number 0.
    chunk.index = chunk.first ? 0 : i32(bytes, at + FRAGMENT);
  }
}
