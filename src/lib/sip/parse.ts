/**
 * SIP bytes to fields. The header block becomes one string (latin1 where it is ASCII, which is nearly always),
 * the lines are walked once, and only the headers that fill columns are looked at. A broken header leaves its
 * own fields empty and is named; the message is refused only when its start line is not SIP.
 */
import { isAscii } from 'node:buffer';
import { fault, type Fault, type SipFields } from '../base/index.js';
import {
  AUTHORIZATION, CALL_ID, CONTACT, CONTENT_LENGTH, CONTENT_TYPE, CSEQ, DIVERSION, FROM, HEADER_COUNT, PAI, PPI, PROXY_AUTHORIZATION,
  P_RTP_STAT, REASON, SERVER, TO, USER_AGENT, VIA, X_CID, X_OIP, X_RTP_STAT, headerOf, OTHER,
} from './header-names.js';
import { authUser, originator, validCseq, validVia } from './header-values.js';
import { looksLikeSip } from './start-line.js';
import { AddressReader, readParameter, skipSpace, trimEnd } from './uri.js';

const NOT_SIP = fault('not_sip', 'start line');
const NONE_BROKEN: readonly string[] = Object.freeze([]);
const FIRST_LOOK_BYTES = 4096;

/** Reads one message after the other; keeps its scratch space, so that a message costs little but its strings. */
export class SipParser {
  private fields: SipFields = emptyFields();
  private text = '';
  /** Begin and end of the first header of each kind, at 2n and 2n+1; -1 where absent. */
  private readonly spans = new Int32Array(HEADER_COUNT * 2);
  private readonly reader = new AddressReader();
  private broken: string[] | null = null;

  /** The fields of a SIP message, or a fault where its start line is not SIP. */
  parse(payload: Buffer): SipFields | Fault {
    if (!looksLikeSip(payload, 0, payload.length)) return NOT_SIP;
    const ascii = isAscii(payload);
    this.text = headText(payload, ascii);
    this.broken = null;
    const { spans } = this;
    for (let i = 0; i < spans.length; i += 2) spans[i] = -1;
    const fields = emptyFields();
    this.fields = fields;
    const start = lineStart(this.text);
    const bodyAt = this.walk(start);
    fields.head = this.text.slice(start, trimEnd(this.text, start, bodyAt));
    fields.bodyAt = ascii ? bodyAt : bodyOffset(payload);
    this.startLine(start);
    this.addresses();
    this.texts();
    if (this.broken !== null) fields.broken = this.broken;
    return fields;
  }

  /** Notes where the first header of each kind stands; answers the offset of the body. */
  private walk(start: number): number {
    const { text, spans } = this;
    const length = text.length;
    let at = text.indexOf('\n', start) + 1;
    if (at === 0) return length;
    while (at < length) {
      const first = text.charCodeAt(at);
      if (first === 0x0a) return at + 1;
      if (first === 0x0d && text.charCodeAt(at + 1) === 0x0a) return at + 2;
      let end = text.indexOf('\n', at);
      if (end < 0) end = length;
      // A line that begins with white space goes on with the one before it (RFC 3261 section 7.3.1).
      while (end + 1 < length && (text.charCodeAt(end + 1) === 0x20 || text.charCodeAt(end + 1) === 0x09)) {
        end = text.indexOf('\n', end + 1);
        if (end < 0) end = length;
      }
      const colon = text.indexOf(':', at);
      if (colon < 0 || colon > end) {
        this.brokenHeader('line');
      } else {
        const header = headerOf(text, at, trimEnd(text, at, colon));
        if (header !== OTHER && spans[header * 2] < 0) {
          spans[header * 2] = skipSpace(text, colon + 1, end);
          spans[header * 2 + 1] = trimEnd(text, spans[header * 2], end);
        }
      }
      at = end + 1;
    }
    return length;
  }

  private startLine(start: number): void {
    const { text, fields } = this;
    let end = start;
    while (end < text.length && text.charCodeAt(end) !== 0x0d && text.charCodeAt(end) !== 0x0a) end++;
    end = trimEnd(text, start, end);
    const space = wordEnd(text, start, end);
    const second = skipSpace(text, space, end);
    if (text.charCodeAt(start + 3) === 0x2f && (text.charCodeAt(start) | 0x20) === 0x73 && space === start + 7) {
      fields.kind = 2;
      fields.method = text.slice(second, second + 3);
      fields.replyReason = text.slice(skipSpace(text, second + 3, end), end);
      return;
    }
    fields.kind = 1;
    fields.method = text.slice(start, space);
    const uriEnd = trimEnd(text, second, end - 7);
    fields.ruri = text.slice(second, uriEnd);
    const bracketed = text.charCodeAt(second) === 0x3c;
    const { reader } = this;
    if (!reader.uri(text, second + (bracketed ? 1 : 0), uriEnd - (bracketed ? 1 : 0))) this.brokenHeader('ruri');
    fields.ruriUser = reader.user;
    fields.ruriDomain = reader.host;
  }

  private addresses(): void {
    const { fields, spans, reader } = this;
    if (this.address(FROM, 'from')) {
      fields.fromUser = reader.user;
      fields.fromDomain = reader.host;
      fields.fromTag = this.tag(FROM);
    }
    if (this.address(TO, 'to')) {
      fields.toUser = reader.user;
      fields.toDomain = reader.host;
      fields.toTag = this.tag(TO);
    }
    if (spans[CONTACT * 2] >= 0 && this.text.charCodeAt(spans[CONTACT * 2]) !== 0x2a && this.address(CONTACT, 'contact')) {
      fields.contactUser = reader.user;
      fields.contactHost = reader.host;
      fields.contactPort = reader.port;
    }
    // An identity that is there but broken is not replaced by the preferred one.
    const identity = spans[PAI * 2] >= 0 ? PAI : PPI;
    if (this.address(identity, identity === PAI ? 'p_asserted_identity' : 'p_preferred_identity')) fields.pidUser = reader.user;
  }

  private texts(): void {
    const { text, fields, spans } = this;
    fields.callId = this.value(CALL_ID);
    fields.callIdAleg = this.value(X_CID);
    const viaFrom = spans[VIA * 2];
    if (viaFrom >= 0) {
      const viaTo = spans[VIA * 2 + 1];
      if (validVia(text, viaFrom, viaTo)) {
        fields.via = text.slice(viaFrom, viaTo);
        fields.viaBranch = readParameter(text, viaFrom, viaTo, 'branch');
      } else this.brokenHeader('via');
    }
    if (spans[CSEQ * 2] >= 0) {
      if (validCseq(text, spans[CSEQ * 2], spans[CSEQ * 2 + 1])) fields.cseq = this.value(CSEQ);
      else this.brokenHeader('cseq');
    }
    fields.diversion = this.value(DIVERSION);
    fields.reason = this.value(REASON);
    fields.contentType = this.value(CONTENT_TYPE);
    fields.contentLength = this.number(CONTENT_LENGTH);
    fields.userAgent = this.value(USER_AGENT);
    if (fields.userAgent === '' && fields.kind === 2) fields.userAgent = this.value(SERVER);
    fields.rtpStat = this.value(spans[X_RTP_STAT * 2] >= 0 ? X_RTP_STAT : P_RTP_STAT);
    fields.auth = this.value(spans[PROXY_AUTHORIZATION * 2] >= 0 ? PROXY_AUTHORIZATION : AUTHORIZATION);
    if (fields.auth !== '') fields.authUser = authUser(fields.auth);
    if (spans[X_OIP * 2] >= 0) {
      const { host, port } = originator(this.value(X_OIP));
      fields.originatorIp = host;
      fields.originatorPort = port;
    }
  }

  private value(header: number): string {
    const from = this.spans[header * 2];
    return from < 0 ? '' : this.text.slice(from, this.spans[header * 2 + 1]);
  }

  /** The digits that a header consists of, -1 where it is absent or anything else. */
  private number(header: number): number {
    const from = this.spans[header * 2];
    const to = this.spans[header * 2 + 1];
    if (from < 0 || to === from || to - from > 10) return -1;
    let value = 0;
    for (let at = from; at < to; at++) {
      const digit = this.text.charCodeAt(at) - 0x30;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  /** Reads the header's address into the reader; false where there is no such header. A broken one reads as empty. */
  private address(header: number, name: string): boolean {
    const from = this.spans[header * 2];
    if (from < 0) return false;
    if (!this.reader.address(this.text, from, this.spans[header * 2 + 1])) this.brokenHeader(name);
    return true;
  }

  private tag(header: number): string {
    return readParameter(this.text, this.reader.parametersFrom, this.spans[header * 2 + 1], 'tag');
  }

  private brokenHeader(name: string): void {
    this.broken ??= [];
    if (!this.broken.includes(name)) this.broken.push(name);
  }
}

/** The head as text, perhaps with some of the body: invalid UTF-8 and NUL become U+FFFD. */
function headText(payload: Buffer, ascii: boolean): string {
  let text: string;
  if (!ascii) text = payload.utf8Slice(0, bodyOffset(payload));
  else {
    text = payload.latin1Slice(0, Math.min(payload.length, FIRST_LOOK_BYTES));
    if (payload.length > FIRST_LOOK_BYTES && !text.includes('\r\n\r\n')) text = payload.latin1Slice(0, payload.length);
  }
  return text.indexOf('\0') < 0 ? text : text.replaceAll('\0', '\ufffd');
}

/** Offset of the body in bytes: behind the first empty line after the start line. */
function bodyOffset(payload: Buffer): number {
  let at = 0;
  while (at < payload.length && (payload[at] === 13 || payload[at] === 10)) at++;
  for (;;) {
    const end = payload.indexOf(10, at);
    if (end < 0) return payload.length;
    at = end + 1;
    if (payload[at] === 10) return at + 1;
    if (payload[at] === 13 && payload[at + 1] === 10) return at + 2;
  }
}

function lineStart(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) === 13 || text.charCodeAt(at) === 10) at++;
  return at;
}

function wordEnd(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) > 0x20) at++;
  return at;
}

function emptyFields(): SipFields {
  return {
    kind: 0, method: '', replyReason: '', ruri: '', ruriUser: '', ruriDomain: '',
    fromUser: '', fromDomain: '', fromTag: '', toUser: '', toDomain: '', toTag: '',
    pidUser: '', contactUser: '', contactHost: '', contactPort: 0, authUser: '', auth: '',
    callId: '', callIdAleg: '', via: '', viaBranch: '', cseq: '', diversion: '', reason: '', contentType: '', contentLength: -1, userAgent: '',
    originatorIp: '', originatorPort: 0, rtpStat: '', head: '', bodyAt: 0, broken: NONE_BROKEN,
  };
}

/** One message by itself; who reads many keeps a SipParser. */
export function parseSip(payload: Buffer): SipFields | Fault {
  return new SipParser().parse(payload);
}
