/** Recognises the protocol of a TCP stream by the first bytes of a segment. */
import { u16 } from '../base/index.js';
import { FIRST_LOOK_BYTES, couldBecomeSip, looksLikeSip } from '../sip/index.js';

const WORDS = ['HEP3', 'GET ', 'HTTP/'];

export function beginsHep(bytes: Buffer, from: number, to: number): boolean {
  return startsWith(bytes, from, to, 'HEP3');
}

/** True if a HEP3 packet is somewhere in the bytes: its magic number and a generic first chunk. */
export function containsHep(bytes: Buffer, from: number, to: number): boolean {
  const piece = bytes.subarray(from, to);
  for (let at = piece.indexOf('HEP3'); at >= 0 && at + 8 <= piece.length; at = piece.indexOf('HEP3', at + 1)) {
    if (piece[at + 6] === 0 && piece[at + 7] === 0) return true;
  }
  return false;
}

export function beginsHttp(bytes: Buffer, from: number, to: number): boolean {
  return startsWith(bytes, from, to, 'HTTP/') || (startsWith(bytes, from, to, 'GET ') && !looksLikeSip(bytes, from, to));
}

/** False if neither a message nor an upgrade can begin at `from`: nearly always decided by the first byte. */
export function couldBeginAny(bytes: Buffer, from: number, to: number): boolean {
  switch (FIRST_BYTES[bytes[from]]) {
    case NOTHING:
      return false;
    case WORD:
      return (
        couldBecomeSip(bytes, from, Math.min(to, from + FIRST_LOOK_BYTES)) || beginsHep(bytes, from, to) || beginsHttp(bytes, from, to)
      );
    case FRAME:
      return beginsSipInWebSocket(bytes, from, to);
    default:
      return true;
  }
}

const NOTHING = 0;
const LINE_END = 1;
const WORD = 2;
/** A WebSocket data frame without extension bits. */
const FRAME = 3;
const FIRST_BYTES = firstBytes();

function firstBytes(): Uint8Array {
  const kinds = new Uint8Array(256);
  // Methods are tokens, but begin with a letter wherever they were seen.
  for (let letter = 0x41; letter <= 0x5a; letter++) kinds[letter] = kinds[letter | 0x20] = WORD;
  for (const byte of [0x0a, 0x0d]) kinds[byte] = LINE_END;
  for (const byte of [0x01, 0x02, 0x81, 0x82]) kinds[byte] = FRAME;
  return kinds;
}

/** Too few bytes to decide: they begin one of the words. */
export function couldBecomeWord(bytes: Buffer, from: number, to: number): boolean {
  for (const word of WORDS) if (to - from < word.length && startsWith(bytes, from, to, word.slice(0, to - from))) return true;
  return false;
}

/** PROXY protocol (haproxy's proxy-protocol.txt sections 2.1 and 2.2), which may precede any protocol. */
const PROXY_1 = 'PROXY ';
const PROXY_1_BYTES = 107;
const PROXY_2 = '\r\n\r\n\0\r\nQUIT\n';
const PROXY_2_LENGTH_AT = 14;
const PROXY_2_BYTES = 16;
/** More bytes are needed to decide. */
export const UNDECIDED = -1;

/** Length of the PROXY header at the beginning, 0 if there is none, UNDECIDED if the bytes are too few. */
export function proxyHeaderLength(bytes: Buffer): number {
  const { length } = bytes;
  if (startsWith(bytes, 0, length, PROXY_2.slice(0, length))) {
    if (length < PROXY_2_BYTES) return UNDECIDED;
    const whole = PROXY_2_BYTES + u16(bytes, PROXY_2_LENGTH_AT);
    return whole <= length ? whole : UNDECIDED;
  }
  if (!startsWith(bytes, 0, length, PROXY_1.slice(0, length))) return 0;
  const end = bytes.subarray(0, PROXY_1_BYTES).indexOf('\r\n');
  if (end >= 0) return end + 2;
  return length < PROXY_1_BYTES ? UNDECIDED : 0;
}

/** No start line is shorter: `A sip:b SIP/2.0`. */
const MIN_START_LINE_BYTES = 15;

/**
 * True for a WebSocket data frame (RFC 6455 section 5.2) whose unmasked payload begins as SIP: where a capture that began
 * after the upgrade, or lost bytes, resynchronises. The rest of the frame may be in later segments.
 */
export function beginsSipInWebSocket(bytes: Buffer, from: number, to: number): boolean {
  const opcode = bytes[from] & 0x0f;
  if ((bytes[from] & 0x70) !== 0 || (opcode !== 1 && opcode !== 2) || to - from < 16) return false;
  const short = bytes[from + 1] & 0x7f;
  const isMasked = (bytes[from + 1] & 0x80) !== 0;
  const maskAt = from + (short < 126 ? 2 : short === 126 ? 4 : 10);
  const at = maskAt + (isMasked ? 4 : 0);
  const length = short < 126 ? short : short === 126 ? u16(bytes, from + 2) : to;
  // Two bytes in front of SIP over plain TCP may pass for the header of a tiny frame.
  if (length < MIN_START_LINE_BYTES) return false;
  const end = Math.min(to, at + length);
  // A stray byte in front of a start line is no header whose length happens to be the first letter of a method.
  if (!isMasked) return looksLikeSip(bytes, at, end) && !looksLikeSip(bytes, from + 1, to);
  const payload = Buffer.from(bytes.subarray(at, end));
  for (let i = 0; i < payload.length; i++) payload[i] ^= bytes[maskAt + (i & 3)];
  return looksLikeSip(payload, 0, payload.length);
}

/** Whole frames that fill the segment, the first of them a compressed message (RFC 7692 section 6). */
export function beginsCompressedFrame(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from] !== 0xc1 && bytes[from] !== 0xc2) return false;
  let at = from;
  while (at + 2 <= to) {
    if ((bytes[at] & 0x30) !== 0 || (bytes[at] & 0x0f) > 10) return false;
    const short = bytes[at + 1] & 0x7f;
    if (short === 127 || (short === 126 && at + 4 > to)) return false;
    at += 2 + (short === 126 ? 2 + u16(bytes, at + 2) : short) + ((bytes[at + 1] & 0x80) !== 0 ? 4 : 0);
  }
  return at === to;
}

function startsWith(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (to - from < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
