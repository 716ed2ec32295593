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

const name = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const NAMES = {
  via: name('via'), from: name('from'), to: name('to'), callId: name('call-id'), cseq: name('cseq'), contact: name('contact'),
  contentType: name('content-type'), contentLength: name('content-length'), userAgent: name('user-agent'), server: name('server'),
  asserted: name('p-asserted-identity'), preferred: name('p-preferred-identity'),
  proxyAuthorization: name('proxy-authorization'), authorization: name('authorization'),
  diversion: name('diversion'), reason: name('reason'), xCid: name('x-cid'), xOip: name('x-oip'),
  xRtpStat: name('x-rtp-stat'), pRtpStat: name('p-rtp-stat'),
};

/** Which header the name `bytes[from, to)` is; compact forms of RFC 3261 section 7.3.3 included. */
export function headerOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  switch (bytes[from] | 0x20) {
    case 0x61: // a
      return length === 13 && sameName(bytes, from, NAMES.authorization) ? AUTHORIZATION : OTHER;
    case 0x63: // c
      if (length === 7) return sameName(bytes, from, NAMES.callId) ? CALL_ID : sameName(bytes, from, NAMES.contact) ? CONTACT : OTHER;
      if (length === 4) return sameName(bytes, from, NAMES.cseq) ? CSEQ : OTHER;
      if (length === 14) return sameName(bytes, from, NAMES.contentLength) ? CONTENT_LENGTH : OTHER;
      return length === 1 || (length === 12 && sameName(bytes, from, NAMES.contentType)) ? CONTENT_TYPE : OTHER;
    case 0x64: // d
      return length === 9 && sameName(bytes, from, NAMES.diversion) ? DIVERSION : OTHER;
    case 0x66: // f
      return length === 1 || (length === 4 && sameName(bytes, from, NAMES.from)) ? FROM : OTHER;
    case 0x69: // i
      return length === 1 ? CALL_ID : OTHER;
    case 0x6c: // l
      return length === 1 ? CONTENT_LENGTH : OTHER;
    case 0x6d: // m
      return length === 1 ? CONTACT : OTHER;
    case 0x70: // p
      if (length === 19) return sameName(bytes, from, NAMES.asserted) ? PAI : sameName(bytes, from, NAMES.proxyAuthorization) ? PROXY_AUTHORIZATION : OTHER;
      if (length === 20) return sameName(bytes, from, NAMES.preferred) ? PPI : OTHER;
      return length === 10 && sameName(bytes, from, NAMES.pRtpStat) ? P_RTP_STAT : OTHER;
    case 0x72: // r
      return length === 6 && sameName(bytes, from, NAMES.reason) ? REASON : OTHER;
    case 0x73: // s
      return length === 6 && sameName(bytes, from, NAMES.server) ? SERVER : OTHER;
    case 0x74: // t
      return length === 1 || (length === 2 && sameName(bytes, from, NAMES.to)) ? TO : OTHER;
    case 0x75: // u
      return length === 10 && sameName(bytes, from, NAMES.userAgent) ? USER_AGENT : OTHER;
    case 0x76: // v
      return length === 1 || (length === 3 && sameName(bytes, from, NAMES.via)) ? VIA : OTHER;
    case 0x78: // x
      if (length === 5) return sameName(bytes, from, NAMES.xCid) ? X_CID : sameName(bytes, from, NAMES.xOip) ? X_OIP : OTHER;
      return length === 10 && sameName(bytes, from, NAMES.xRtpStat) ? X_RTP_STAT : OTHER;
    default:
      return OTHER;
  }
}

/** Compares with a name in lower case, made of letters and hyphens (which the bit for lower case leaves alone). */
export function sameName(bytes: Uint8Array, from: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i++) if ((bytes[from + i] | 0x20) !== lower[i]) return false;
  return true;
}
