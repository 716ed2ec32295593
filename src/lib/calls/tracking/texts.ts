/** Texts that are kept or compared while a call is open: hashes instead of tags and branches, copies instead of slices. */
import type { SipFields } from '../../base/index.js';

/** FNV-1a over UTF-16 units, 32 bits. */
export function hashText(text: string, seed = 0): number {
  let hash = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** A copy of a slice, so that a short text does not keep its whole message in memory. */
export function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

/** CSeq's number (leading zeros and all), -1 where there is none. */
export function cseqNumber(cseq: string): number {
  const number = parseInt(cseq, 10);
  return number >= 0 ? number : -1;
}

/**
 * Identifies a transaction on its hop, together with the pair of endpoints (RFC 3261 section 17.1.3): branch and CSeq number;
 * without the magic cookie, the whole Via and the request's CSeq (RFC 2543).
 */
export function transactionHash(sip: SipFields): number {
  const branch = sip.viaBranch.startsWith('z9hG4bK') ? sip.viaBranch : `${sip.via} ${sip.fromTag}`;
  return hashText(branch, cseqNumber(sip.cseq));
}
