/**
 * Recognises SIP by its start line (RFC 3261 section 7): a request line ends with a version `SIP/x.y`, a status line begins
 * with it, followed by three digits. Checked for every datagram on every port, so the first bytes decide for nearly all
 * other traffic.
 */

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;
/** No datagram holds a longer line. */
const MAX_LINE_BYTES = 65_536;
/** An incomplete line begins with words no longer than this. */
const MAX_WORD_BYTES = 1024;
/** The methods of RFC 3261, 3262, 3265, 3311, 3428, 3515, 3903 and 6086. */
export const SIP_METHODS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'REFER',
  'MESSAGE',
  'UPDATE',
];
const METHODS = SIP_METHODS.map((name) => Uint8Array.from(name, (character) => character.charCodeAt(0)));
export const MAX_METHOD_BYTES = 9;
/** Of `SIP/2.0`. */
export const VERSION_BYTES = 7;

/** RFC 3261 section 25.1: token characters, as a table of 256. */
const TOKEN = tokenTable();

/** True if the bytes begin (after empty lines) with a SIP start line, of any version `SIP/x.y`. */
export function looksLikeSip(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && (bytes[at] === CR || bytes[at] === LF)) at++;
  if (at >= to || TOKEN[bytes[at]] === 0) return false;
  if (isVersion(bytes, at, to)) return isStatusLine(bytes, at + VERSION_BYTES, to);
  const limit = Math.min(to, at + MAX_LINE_BYTES);
  const method = methodEnd(bytes, at, limit);
  if (method < 0) return false;
  let end = method + 1;
  while (end < limit && bytes[end] !== LF && bytes[end] !== CR) end++;
  return endsInVersion(bytes, method, end);
}

/** The same for one line whose end is known. */
export function isStartLine(bytes: Uint8Array, from: number, lineEnd: number): boolean {
  if (isVersion(bytes, from, lineEnd)) return isStatusLine(bytes, from + VERSION_BYTES, lineEnd);
  if (lineEnd - from > MAX_LINE_BYTES) return false;
  const method = methodEnd(bytes, from, lineEnd);
  return method >= 0 && endsInVersion(bytes, method, lineEnd);
}

/** True if a line that continues beyond `to` could still become a SIP start line: a word, then the beginning of a URI or status. */
export function couldBecomeSip(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > MAX_LINE_BYTES) return false;
  let at = from;
  while (at < to && (TOKEN[bytes[at]] === 1 || bytes[at] === 0x2f)) at++;
  if (at === to) return at - from <= MAX_WORD_BYTES;
  if (at === from || (bytes[at] !== SPACE && bytes[at] !== TAB)) return false;
  const isReply = isVersion(bytes, from, at);
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === 0x3c)) at++;
  if (at === to || isReply) return at === to || isDigit(bytes[at]);
  const scheme = at;
  while (at < to && TOKEN[bytes[at]] === 1) at++;
  return at === to ? at - scheme <= MAX_WORD_BYTES : bytes[at] === COLON;
}

/** After the version: a space and a status of exactly three digits (section 7.2). */
export function isStatusLine(bytes: Uint8Array, from: number, to: number): boolean {
  let code = from;
  while (code < to && bytes[code] === SPACE) code++;
  if (code === from || code + 3 > to || !isDigit(bytes[code]) || !isDigit(bytes[code + 1]) || !isDigit(bytes[code + 2])) return false;
  return code + 3 === to || bytes[code + 3] <= SPACE;
}

/** The end of a token followed by white space (section 7.1), or -1. */
function methodEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && TOKEN[bytes[at]] === 1) at++;
  return at > from && at < to && (bytes[at] === SPACE || bytes[at] === TAB) ? at : -1;
}

/** True if the version is the last word of the line, with a URI before it. */
function endsInVersion(bytes: Uint8Array, method: number, lineEnd: number): boolean {
  let end = lineEnd;
  while (end > method && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
  const version = end - VERSION_BYTES;
  if (version <= method || !isVersion(bytes, version, end) || (bytes[version - 1] !== SPACE && bytes[version - 1] !== TAB)) return false;
  let uriEnd = version - 1;
  while (uriEnd > method && (bytes[uriEnd - 1] === SPACE || bytes[uriEnd - 1] === TAB)) uriEnd--;
  return uriEnd > method;
}

/** `SIP/d.d`, case-insensitive. */
export function isVersion(bytes: Uint8Array, at: number, to: number): boolean {
  return (
    at + VERSION_BYTES <= to &&
    (bytes[at] | 0x20) === 0x73 &&
    (bytes[at + 1] | 0x20) === 0x69 &&
    (bytes[at + 2] | 0x20) === 0x70 &&
    bytes[at + 3] === 0x2f &&
    isDigit(bytes[at + 4]) &&
    bytes[at + 5] === 0x2e &&
    isDigit(bytes[at + 6])
  );
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function tokenTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") table[character.charCodeAt(0)] = 1;
  return table;
}

/** Where a known method that ends at `end` begins, -1 if none does. */
export function knownMethodBefore(bytes: Uint8Array, from: number, end: number): number {
  for (const method of METHODS) {
    const start = end - method.length;
    if (start < from || bytes[end - 1] !== method[method.length - 1]) continue;
    let i = 0;
    while (i < method.length && bytes[start + i] === method[i]) i++;
    if (i === method.length) return start;
  }
  return -1;
}

/** True for a request line with a known method, and for a status line. */
export function hasKnownMethod(bytes: Uint8Array, from: number, to: number): boolean {
  if (isVersion(bytes, from, to)) return true;
  const end = methodEnd(bytes, from, to);
  return end > from && knownMethodBefore(bytes, from, end) === from;
}

/** True if the method is the tail of a known one, whose beginning may be lost. */
export function hasTornMethod(bytes: Uint8Array, from: number, to: number): boolean {
  const length = methodEnd(bytes, from, to) - from;
  return (
    length > 0 &&
    METHODS.some((method) => {
      const torn = method.length - length;
      return torn > 0 && method.every((byte, i) => i < torn || byte === bytes[from + i - torn]);
    })
  );
}
