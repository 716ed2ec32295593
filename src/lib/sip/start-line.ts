/**
 * Is this SIP? By the start line alone (RFC 3261 section 7): a request line ends in a version `SIP/x.y`, a
 * status line begins with it and goes on with three digits. Asked of every datagram on every port, so the
 * first bytes decide for nearly all that is no SIP.
 */

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const MOST_METHOD_BYTES = 64;
const MOST_LINE_BYTES = 65_536;

/** RFC 3261 section 25.1: token characters, as a table of 256. */
const TOKEN = tokenTable();

function tokenTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") table[character.charCodeAt(0)] = 1;
  return table;
}

/** True when the bytes begin (after empty lines) with a SIP start line. */
export function looksLikeSip(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && (bytes[at] === CR || bytes[at] === LF)) at++;
  if (at >= to || TOKEN[bytes[at]] === 0) return false;
  if (isVersion(bytes, at, to)) return isStatusLine(bytes, at, to);
  return isRequestLine(bytes, at, to);
}

/** `SIP/2.0 ` and a status of exactly three digits. */
function isStatusLine(bytes: Uint8Array, at: number, to: number): boolean {
  let code = at + 7;
  if (bytes[code] !== SPACE) return false;
  while (code < to && bytes[code] === SPACE) code++;
  if (code + 3 > to || !isDigit(bytes[code]) || !isDigit(bytes[code + 1]) || !isDigit(bytes[code + 2])) return false;
  const after = code + 3 < to ? bytes[code + 3] : SPACE;
  return after === SPACE || after === CR || after === LF || after === TAB;
}

/** A method, white space, anything, and the version as the last word of the line. */
function isRequestLine(bytes: Uint8Array, start: number, to: number): boolean {
  let at = start;
  const methodEnd = Math.min(to, start + MOST_METHOD_BYTES);
  while (at < methodEnd && TOKEN[bytes[at]] === 1) at++;
  if (at >= methodEnd || (bytes[at] !== SPACE && bytes[at] !== TAB)) return false;
  const lineLimit = Math.min(to, start + MOST_LINE_BYTES);
  let end = at + 1;
  while (end < lineLimit && bytes[end] !== LF && bytes[end] !== CR) end++;
  while (end > at && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
  const version = end - 7;
  return version > at && isVersion(bytes, version, end) && (bytes[version - 1] === SPACE || bytes[version - 1] === TAB);
}

/** `SIP/d.d`, in any case. */
function isVersion(bytes: Uint8Array, at: number, to: number): boolean {
  return at + 7 <= to
    && (bytes[at] | 0x20) === 0x73 && (bytes[at + 1] | 0x20) === 0x69 && (bytes[at + 2] | 0x20) === 0x70 && bytes[at + 3] === 0x2f
    && isDigit(bytes[at + 4]) && bytes[at + 5] === 0x2e && isDigit(bytes[at + 6]);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
