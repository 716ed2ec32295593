/**
 * What the `sip` room reads from a SIP message: the fields shared by sinks, stores and scripts.
 * Text members are '' and numbers 0 if the header is absent or malformed.
 */
export interface SipFields {
  /** 1 request, 2 reply (column `type`). */
  kind: number;
  /** Method of a request, three digits of a reply. */
  method: string;
  replyReason: string;
  ruri: string;
  ruriUser: string;
  ruriDomain: string;
  fromUser: string;
  fromDomain: string;
  fromTag: string;
  toUser: string;
  toDomain: string;
  toTag: string;
  /** User of the first P-Asserted-Identity, else of P-Preferred-Identity. */
  pidUser: string;
  contactUser: string;
  contactHost: string;
  contactPort: number;
  /** Digest user name up to '@' of the first Proxy-Authorization, else Authorization; and that header's body. */
  authUser: string;
  auth: string;
  callId: string;
  /** X-CID. */
  callIdAleg: string;
  /** Whole body of the first Via, and the branch of the topmost one. */
  via: string;
  viaBranch: string;
  cseq: string;
  diversion: string;
  reason: string;
  contentType: string;
  /** -1 if absent or not a number. */
  contentLength: number;
  /** User-Agent, for replies else Server. */
  userAgent: string;
  /** X-OIP. */
  originatorIp: string;
  originatorPort: number;
  /** X-RTP-Stat, else P-RTP-Stat. */
  rtpStat: string;
  /** Start line and headers as text (invalid UTF-8 replaced), without the empty line. */
  head: string;
  /** Offset of the body's first byte in the payload. */
  bodyAt: number;
  /** Names of malformed headers, whose columns are empty; a shared empty list if none. */
  broken: readonly string[];
}

/** The end of the message is missing: its body is shorter than Content-Length. This is the only criterion, so files and databases agree. */
export function isCut({ payload }: { payload: Buffer }, { contentLength, bodyAt }: SipFields): boolean {
  return contentLength > payload.length - bodyAt;
}

/** The method that a message belongs to: that of CSeq, or its own if CSeq is malformed. */
export function cseqMethod(sip: SipFields): string {
  if (sip.kind === 1) return sip.method;
  const { cseq } = sip;
  let at = cseq.length;
  while (at > 0 && cseq.charCodeAt(at - 1) > 0x20) at--;
  return cseq.slice(at);
}
