/** Checks on bytes that may hold a SIP message: lines, required headers, start lines within lines. Linear, bounded by `to`. */
import { sameName } from './header-names.js';
import { MAX_METHOD_BYTES, VERSION_BYTES, isStartLine, isStatusLine, isVersion, knownMethodBefore, looksLikeSip } from './start-line.js';

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;
/** Lines after a start line within which a mandatory header must appear. */
const MAX_LINES = 24;

/** An incomplete start line is searched within so many of the last bytes. */
const MAX_UNFINISHED_BYTES = 2048;

const NAMES = ['via', 'v', 'from', 'f', 'to', 't', 'call-id', 'i', 'cseq'].map((name) =>
  Uint8Array.from(name, (character) => character.charCodeAt(0)),
);
const CALL_ID = NAMES[6];
const CALL_ID_COMPACT = NAMES[7];

/** The next line feed, or `to`. Buffer.indexOf would not stop at `to`. */
export function lineFeedAt(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== LF) at++;
  return at;
}

/** True if a mandatory header (RFC 3261 section 8.1.1) follows the start line, or the bytes end before. */
export function hasHeaders(bytes: Uint8Array, start: number, to: number): boolean {
  let line = lineFeedAt(bytes, start, to) + 1;
  for (let lines = 0; lines < MAX_LINES && line < to; lines++) {
    if (NAMES.some((name) => isHeader(bytes, line, to, name))) return true;
    if (bytes[line] === LF || bytes[line] === CR) return false;
    const end = lineFeedAt(bytes, line, to);
    if (end === to) return true;
    if (isStartLine(bytes, line, end)) return false;
    line = end + 1;
  }
  return line >= to;
}

/** True if the head, as far as it is there, has a complete Call-ID line. */
export function hasCallId(bytes: Uint8Array, from: number, to: number): boolean {
  let start = from;
  while (start < to && (bytes[start] === CR || bytes[start] === LF)) start++;
  let line = lineFeedAt(bytes, start, to) + 1;
  while (line < to && bytes[line] !== LF && bytes[line] !== CR) {
    const end = lineFeedAt(bytes, line, to);
    if (end === to) return false;
    if (isHeader(bytes, line, end, CALL_ID) || isHeader(bytes, line, end, CALL_ID_COMPACT)) return true;
    line = end + 1;
  }
  return false;
}

/**
 * Where a start line begins within the line bytes[from..lineEnd), after the rest of a body or a keep-alive without line end;
 * -1 if none does. A request line needs a known method.
 */
export function gluedStartLine(bytes: Uint8Array, from: number, lineEnd: number): number {
  let end = lineEnd;
  while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB || bytes[end - 1] === CR)) end--;
  if (end - VERSION_BYTES > from && isVersion(bytes, end - VERSION_BYTES, end)) {
    const uriEnd = skipBack(bytes, end - VERSION_BYTES, from);
    let uri = uriEnd;
    while (uri > from && bytes[uri - 1] > SPACE) uri--;
    const methodEnd = skipBack(bytes, uri, from);
    const method = methodEnd < uri && uriEnd > uri ? knownMethodBefore(bytes, from, methodEnd) : -1;
    return method;
  }
  for (let at = from; at + VERSION_BYTES < lineEnd; at++) {
    if ((bytes[at] | 0x20) === 0x73 && isVersion(bytes, at, lineEnd) && isStatusLine(bytes, at + VERSION_BYTES, lineEnd)) return at;
  }
  return -1;
}

/** Where in an incomplete line a start line may have begun; `to` if nowhere. */
export function unfinishedStart(bytes: Uint8Array, from: number, to: number): number {
  // A known method and a space, else the beginning of a word.
  for (let at = Math.max(from, to - MAX_UNFINISHED_BYTES); at < to; at++) {
    if (isVersion(bytes, at, to) && couldBeStatus(bytes, at + VERSION_BYTES, to)) return at;
    const method = bytes[at] === SPACE ? knownMethodBefore(bytes, from, at) : -1;
    if (method >= 0) return method;
  }
  for (let at = Math.max(from, to - MAX_METHOD_BYTES); at < to; at++) if (bytes[at] > SPACE && couldGrow(bytes, at, to)) return at;
  return to;
}

/** True if the body is a SIP message or part of one (RFC 3420, RFC 3261 section 27.5). */
function carriesSip(bytes: Buffer, head: number, bodyAt: number): boolean {
  return /^(?:content-type|c)[ \t]*:[ \t]*message\/sip/im.test(bytes.latin1Slice(head, bodyAt));
}

/** Without a valid Content-Length the body is what arrived with the head, up to the next message. */
export function restOfPiece(bytes: Buffer, start: number, bodyAt: number, to: number): number {
  let at = bodyAt;
  let isOwnBody = carriesSip(bytes, start, bodyAt);
  while (at < to) {
    if (bytes[at] !== CR && bytes[at] !== LF && looksLikeSip(bytes, at, to)) {
      if (!isOwnBody && hasHeaders(bytes, at, to)) return at;
      isOwnBody = false;
    }
    at = lineFeedAt(bytes, at, to) + 1;
  }
  return to;
}

function isHeader(bytes: Uint8Array, line: number, to: number, name: Uint8Array): boolean {
  let at = line + name.length;
  if (at >= to || !sameName(bytes, line, name)) return false;
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at < to && bytes[at] === COLON;
}

function skipBack(bytes: Uint8Array, from: number, floor: number): number {
  let at = from;
  while (at > floor && (bytes[at - 1] === SPACE || bytes[at - 1] === TAB)) at--;
  return at;
}

function couldGrow(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (!((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x2e && byte <= 0x39))) return false;
  }
  return true;
}

/** White space and digits up to the end. */
function couldBeStatus(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to && at < from + 5; at++) if (bytes[at] !== SPACE && (bytes[at] < 0x30 || bytes[at] > 0x39)) return false;
  return true;
}
