/** The headers that fill columns, by number; found by first letter and position of the colon, case-insensitive. */

export const OTHER = 0;
export const VIA = 1;
export const FROM = 2;
export const TO = 3;
export const CALL_ID = 4;
export const CSEQ = 5;
export const CONTACT = 6;
export const CONTENT_TYPE = 7;
export const USER_AGENT = 8;
export const SERVER = 9;
export const PAI = 10;
export const PPI = 11;
export const PROXY_AUTHORIZATION = 12;
export const AUTHORIZATION = 13;
export const DIVERSION = 14;
export const REASON = 15;
export const X_CID = 16;
export const X_OIP = 17;
export const X_RTP_STAT = 18;
export const P_RTP_STAT = 19;
export const CONTENT_LENGTH = 20;
export const HEADER_COUNT = 21;

/** Every name and compact form (RFC 3261 section 7.3.3) to look for. */
const NAMES: readonly (readonly [string, number])[] = [
  ['via', VIA],
  ['v', VIA],
  ['from', FROM],
  ['f', FROM],
  ['to', TO],
  ['t', TO],
  ['call-id', CALL_ID],
  ['i', CALL_ID],
  ['cseq', CSEQ],
  ['contact', CONTACT],
  ['m', CONTACT],
  ['content-length', CONTENT_LENGTH],
  ['l', CONTENT_LENGTH],
  ['content-type', CONTENT_TYPE],
  ['c', CONTENT_TYPE],
  ['user-agent', USER_AGENT],
  ['server', SERVER],
  ['p-asserted-identity', PAI],
  ['p-preferred-identity', PPI],
  ['proxy-authorization', PROXY_AUTHORIZATION],
  ['authorization', AUTHORIZATION],
  ['diversion', DIVERSION],
  ['reason', REASON],
  ['x-cid', X_CID],
  ['x-oip', X_OIP],
  ['x-rtp-stat', X_RTP_STAT],
  ['p-rtp-stat', P_RTP_STAT],
];
const LETTERS = 32;
const COLON = 58;
const { firsts, lengths, headers, names } = byFirstLetter();

/** Position of the colon found by `headerAt`. */
export interface Colon {
  colon: number;
}

/**
 * The header whose line begins at `line` with the colon directly after the name, else OTHER. Checks where the colon of each
 * candidate would be, so the end of the name is never searched.
 */
export function headerAt(bytes: Uint8Array, line: number, found: Colon): number {
  const letter = bytes[line] & (LETTERS - 1);
  const last = firsts[letter + 1];
  for (let i = firsts[letter]; i < last; i++) {
    const colon = line + lengths[i];
    if (bytes[colon] === COLON && sameName(bytes, line, names[i])) {
      found.colon = colon;
      return headers[i];
    }
  }
  return OTHER;
}

/** The header named `bytes[from, to)`, for names with white space before the colon. */
export function headerOf(bytes: Uint8Array, from: number, to: number): number {
  const letter = bytes[from] & (LETTERS - 1);
  for (let i = firsts[letter]; i < firsts[letter + 1]; i++) {
    if (lengths[i] === to - from && sameName(bytes, from, names[i])) return headers[i];
  }
  return OTHER;
}

/** Compares with a lower-case name of letters and hyphens (which the lower-case bit does not change). */
export function sameName(bytes: Uint8Array, from: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i++) if ((bytes[from + i] | 0x20) !== lower[i]) return false;
  return true;
}

/** The names sorted by first letter, and the index at which each letter begins. */
function byFirstLetter(): { firsts: Uint8Array; lengths: Uint8Array; headers: Uint8Array; names: Uint8Array[] } {
  const sorted = [...NAMES].sort(([a], [b]) => a.charCodeAt(0) - b.charCodeAt(0));
  const firsts = new Uint8Array(LETTERS + 1);
  for (let letter = 0; letter <= LETTERS; letter++) {
    firsts[letter] = sorted.filter(([text]) => (text.charCodeAt(0) & (LETTERS - 1)) < letter).length;
  }
  return {
    firsts,
    lengths: Uint8Array.from(sorted, ([text]) => text.length),
    headers: Uint8Array.from(sorted, ([, header]) => header),
    names: sorted.map(([text]) => Uint8Array.from(text, (character) => character.charCodeAt(0))),
  };
}
