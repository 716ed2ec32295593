/** What the bytes at the begin of a TCP segment give away about the speech of its stream. */
import { u16 } from '../base/index.js';
import { looksLikeSip } from '../sip/index.js';

const WORDS = ['HEP3', 'GET ', 'HTTP/'];

export function beginsHep(bytes: Buffer, from: number, to: number): boolean {
  return startsWith(bytes, from, to, 'HEP3');
}

export function beginsHttp(bytes: Buffer, from: number, to: number): boolean {
  return startsWith(bytes, from, to, 'HTTP/') || (startsWith(bytes, from, to, 'GET ') && !looksLikeSip(bytes, from, to));
}

/** Too few bytes to tell: they are the beginning of one of the words. */
export function couldBecomeWord(bytes: Buffer, from: number, to: number): boolean {
  for (const word of WORDS) if (to - from < word.length && startsWith(bytes, from, to, word.slice(0, to - from))) return true;
  return false;
}

/**
 * A WebSocket data frame (RFC 6455 section 5.2) whose payload, once unmasked, begins as SIP: where a capture that
 * began after the upgrade, or lost bytes, finds its place again. The rest of the frame may be in later segments.
 */
export function beginsSipInWebSocket(bytes: Buffer, from: number, to: number): boolean {
  const opcode = bytes[from] & 0x0f;
  if ((bytes[from] & 0x70) !== 0 || (opcode !== 1 && opcode !== 2) || to - from < 16) return false;
  const short = bytes[from + 1] & 0x7f;
  const isMasked = (bytes[from + 1] & 0x80) !== 0;
  const maskAt = from + (short < 126 ? 2 : short === 126 ? 4 : 10);
  const at = maskAt + (isMasked ? 4 : 0);
  const length = short < 126 ? short : short === 126 ? u16(bytes, from + 2) : to;
  const end = Math.min(to, at + length);
  if (!isMasked) return looksLikeSip(bytes, at, end);
  const payload = Buffer.from(bytes.subarray(at, end));
  for (let i = 0; i < payload.length; i++) payload[i] ^= bytes[maskAt + (i & 3)];
  return looksLikeSip(payload, 0, payload.length);
}

function startsWith(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (to - from < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
