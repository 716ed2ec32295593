/** The headers that fill columns, by number; found by first letter and length, compared without regard to case. */

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

/** Which header the name `text[from, to)` is; compact forms of RFC 3261 section 7.3.3 included. */
export function headerOf(text: string, from: number, to: number): number {
  const length = to - from;
  const letter = text.charCodeAt(from) | 0x20;
  switch (letter) {
    case 0x61: // a
      return length === 13 && same(text, from, 'authorization') ? AUTHORIZATION : OTHER;
    case 0x63: // c
      if (length === 7 && same(text, from, 'call-id')) return CALL_ID;
      if (length === 4 && same(text, from, 'cseq')) return CSEQ;
      if (length === 7 && same(text, from, 'contact')) return CONTACT;
      if (length === 12 && same(text, from, 'content-type')) return CONTENT_TYPE;
      if (length === 14 && same(text, from, 'content-length')) return CONTENT_LENGTH;
      return length === 1 ? CONTENT_TYPE : OTHER;
    case 0x64: // d
      return length === 9 && same(text, from, 'diversion') ? DIVERSION : OTHER;
    case 0x66: // f
      return length === 1 || (length === 4 && same(text, from, 'from')) ? FROM : OTHER;
    case 0x69: // i
      return length === 1 ? CALL_ID : OTHER;
    case 0x6c: // l
      return length === 1 ? CONTENT_LENGTH : OTHER;
    case 0x6d: // m
      return length === 1 ? CONTACT : OTHER;
    case 0x70: // p
      if (length === 19 && same(text, from, 'p-asserted-identity')) return PAI;
      if (length === 20 && same(text, from, 'p-preferred-identity')) return PPI;
      if (length === 19 && same(text, from, 'proxy-authorization')) return PROXY_AUTHORIZATION;
      return length === 10 && same(text, from, 'p-rtp-stat') ? P_RTP_STAT : OTHER;
    case 0x72: // r
      return length === 6 && same(text, from, 'reason') ? REASON : OTHER;
    case 0x73: // s
      return length === 6 && same(text, from, 'server') ? SERVER : OTHER;
    case 0x74: // t
      return length === 1 || (length === 2 && same(text, from, 'to')) ? TO : OTHER;
    case 0x75: // u
      return length === 10 && same(text, from, 'user-agent') ? USER_AGENT : OTHER;
    case 0x76: // v
      return length === 1 || (length === 3 && same(text, from, 'via')) ? VIA : OTHER;
    case 0x78: // x
      if (length === 5 && same(text, from, 'x-cid')) return X_CID;
      if (length === 5 && same(text, from, 'x-oip')) return X_OIP;
      return length === 10 && same(text, from, 'x-rtp-stat') ? X_RTP_STAT : OTHER;
    default:
      return OTHER;
  }
}

/** Compares with a lower-case name of the same length. */
export function same(text: string, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = text.charCodeAt(from + i);
    if (code !== name.charCodeAt(i) && (code < 0x41 || code > 0x5a || code + 0x20 !== name.charCodeAt(i))) return false;
  }
  return true;
}
