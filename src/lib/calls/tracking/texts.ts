/** Texts that are compared while a call is open: hashes instead of tags and branches. */
import type { SipFields } from '../../base/index.js';

/** FNV-1a over UTF-16 units, 32 bits. */
export function hashText(text: string, seed = 0): number {
  let hash = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The number at the beginning of a CSeq or a status (leading zeros and all), -1 where there is none. */
export function leadingNumber(text: string): number {
  let number = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return at === 0 ? -1 : number;
}

/**
 * Identifies a transaction on its hop, together with the pair of endpoints (RFC 3261 section 17.1.3): branch and CSeq number;
 * without the magic cookie, the whole Via and the request's CSeq (RFC 2543).
 */
export function transactionHash(sip: SipFields): number {
  const branch = sip.viaBranch.startsWith('z9hG4bK') ? sip.viaBranch : `${sip.via} ${sip.fromTag}`;
  return hashText(branch, leadingNumber(sip.cseq));
}
