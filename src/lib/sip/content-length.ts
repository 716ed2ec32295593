/** The Content-Length header in bytes (RFC 3261 section 20.14), for framing before anything is parsed. */
import { sameName } from './header-names.js';
import { skipSpace } from './head-scan.js';

/** Absent, or its value is not a number: negative, text, empty. */
export const LENGTH_ABSENT = -1;

const COLON = 0x3a;
const LONG = Uint8Array.from('content-length', (character) => character.charCodeAt(0));

/** Where the value begins if the line `bytes[line, lineEnd)` is a Content-Length (or `l`), else -1. */
export function contentLengthAt(bytes: Uint8Array, line: number, lineEnd: number): number {
  const letter = bytes[line] | 0x20;
  let at = line;
  if (letter === 0x63) {
    if (lineEnd - line <= LONG.length || !sameName(bytes, line, LONG)) return -1;
    at += LONG.length;
  } else if (letter === 0x6c) at += 1;
  else return -1;
  while (at < lineEnd && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at < lineEnd && bytes[at] === COLON ? at + 1 : -1;
}

/** The number that begins at `from` (a folded line is white space), saturating at the largest safe integer. */
export function declaredLength(bytes: Uint8Array, from: number, to: number): number {
  const first = skipSpace(bytes, from, to);
  let value = 0;
  let at = first;
  while (at < to && bytes[at] >= 0x30 && bytes[at] <= 0x39) value = Math.min(value * 10 + bytes[at++] - 0x30, Number.MAX_SAFE_INTEGER);
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at > first && (at >= to || bytes[at] === 13 || bytes[at] === 10) ? value : LENGTH_ABSENT;
}
