/**
 * SIP bytes to fields. One pass over the bytes finds the headers that fill columns, then the head becomes one string of
 * which the values are slices. A malformed header leaves its own fields empty and is named; the message is refused only
 * if its start line is not SIP.
 */
import { isAscii } from 'node:buffer';
import { fault, type Fault, type SipFields } from '../base/index.js';
import { AddressReader, BRANCH, TAG } from './address-reader.js';
import { HeadScan, lineFeed, skipSpace, trimEnd } from './head-scan.js';
import {
  AUTHORIZATION,
  CALL_ID,
  CONTACT,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  CSEQ,
  DIVERSION,
  FROM,
  PAI,
  PPI,
  PROXY_AUTHORIZATION,
  P_RTP_STAT,
  REASON,
  SERVER,
  TO,
  USER_AGENT,
  VIA,
  X_CID,
  X_OIP,
  X_RTP_STAT,
} from './header-names.js';
import { authUser, lengthNumber, originator, sentByOf, validCseq } from './header-values.js';
import { VERSION_BYTES, isStartLine } from './start-line.js';

const NOT_SIP = fault('not_sip', 'start line');
const NONE_BROKEN: readonly string[] = Object.freeze([]);
const NO_BYTES = Buffer.alloc(0);
const CR = 13;
const LF = 10;
/** Few heads are longer; the body of large messages need not become text. */
const FIRST_LOOK_BYTES = 4096;
/** Some senders end lines in CR alone, and other readers accept it. */
const LONE_CR = /\r(?!\n)/g;

/** The fields of one message; to parse many, keep a `SipParser`. */
export function parseSip(payload: Buffer): SipFields | Fault {
  return new SipParser().parse(payload);
}

/** Parses messages; reuses its scratch space, so that a message costs little more than its strings. */
export class SipParser {
  private readonly scan = new HeadScan();
  private readonly reader = new AddressReader();
  private payload: Buffer = NO_BYTES;
  /** The payload (of a large one perhaps just the head) as Latin-1: byte offsets are text offsets. */
  private text = '';
  /** True if the head is ASCII without NUL: then slices of the text are correct. */
  private plain = true;
  private lineEnd = 0;
  private broken: string[] | null = null;

  /** The fields of a SIP message, or a fault if its start line is not SIP. */
  parse(payload: Buffer): SipFields | Fault {
    const { scan } = this;
    let start = 0;
    while (payload[start] === CR || payload[start] === LF) start++;
    this.payload = payload;
    this.walk(payload.latin1Slice(0, Math.min(payload.length, FIRST_LOOK_BYTES)), start);
    if (scan.bodyAt < 0 && payload.length > FIRST_LOOK_BYTES) this.walk(payload.latin1Slice(0, payload.length), start);
    let isSip = this.startsAt(start);
    if ((!isSip || this.lacksHeaders()) && hasLoneCr(this.text, start)) {
      this.walk(this.text.replace(LONE_CR, '\n'), start);
      isSip = this.startsAt(start);
    }
    if (!isSip) return NOT_SIP;
    if (scan.bodyAt < 0) scan.bodyAt = payload.length;
    this.plain = isPlain(payload, this.text, scan.headEnd);
    this.broken = null;
    const fields = emptyFields();
    fields.head = this.slice(start, scan.headEnd);
    fields.bodyAt = scan.bodyAt;
    if (scan.strayLine) this.name('line');
    this.startLine(fields, start, trimEnd(payload, start, this.lineEnd));
    this.addresses(fields);
    this.texts(fields);
    if (this.broken !== null) fields.broken = this.broken;
    return fields;
  }

  private walk(text: string, start: number): void {
    this.text = text;
    this.lineEnd = lineFeed(text, start);
    this.scan.scan(this.payload, text, this.lineEnd);
  }

  private startsAt(start: number): boolean {
    const end = this.payload[this.lineEnd - 1] === CR ? this.lineEnd - 1 : this.lineEnd;
    const cr = this.text.indexOf('\r', start);
    return end > start && (cr < 0 || cr >= end) && isStartLine(this.payload, start, end);
  }

  /** True if a mandatory header is missing: reason to check for other line ends. */
  private lacksHeaders(): boolean {
    const { starts, strayLine } = this.scan;
    return strayLine || starts[VIA] < 0 || starts[FROM] < 0 || starts[TO] < 0 || starts[CALL_ID] < 0 || starts[CSEQ] < 0;
  }

  private startLine(fields: SipFields, start: number, end: number): void {
    const { payload, text, reader } = this;
    let wordEnd = start;
    while (payload[wordEnd] > 0x20) wordEnd++;
    const second = skipSpace(payload, wordEnd, end);
    // No method contains a slash: this is the version of a status line.
    if (payload[start + 3] === 0x2f) {
      fields.kind = 2;
      fields.method = this.slice(second, second + 3);
      fields.replyReason = this.slice(skipSpace(payload, second + 3, end), end);
      return;
    }
    const uriEnd = trimEnd(payload, second, end - VERSION_BYTES);
    fields.kind = 1;
    fields.method = this.slice(start, wordEnd);
    fields.ruri = this.slice(second, uriEnd);
    const inBrackets = payload[second] === 0x3c && payload[uriEnd - 1] === 0x3e ? 1 : 0;
    if (!reader.uri(payload, text, second + inBrackets, uriEnd - inBrackets)) this.name('ruri');
    fields.ruriUser = this.user();
    fields.ruriDomain = this.host();
  }

  private addresses(fields: SipFields): void {
    const { reader, scan } = this;
    if (this.address(FROM, 'from')) {
      fields.fromUser = this.user();
      fields.fromDomain = this.host();
      fields.fromTag = this.parameter(reader.parametersFrom, scan.ends[FROM], TAG);
    }
    if (this.address(TO, 'to')) {
      fields.toUser = this.user();
      fields.toDomain = this.host();
      fields.toTag = this.parameter(reader.parametersFrom, scan.ends[TO], TAG);
    }
    if (scan.starts[CONTACT] >= 0 && !this.isStar() && this.address(CONTACT, 'contact')) {
      fields.contactUser = this.user();
      fields.contactHost = this.host();
      fields.contactPort = reader.port;
    }
    // A malformed asserted identity is not replaced by the preferred one.
    if (scan.starts[PAI] >= 0) {
      if (this.address(PAI, 'p_asserted_identity')) fields.pidUser = this.user();
    } else if (this.address(PPI, 'p_preferred_identity')) fields.pidUser = this.user();
  }

  private texts(fields: SipFields): void {
    const { payload, scan } = this;
    const { starts, ends } = scan;
    fields.callId = this.value(CALL_ID);
    fields.callIdAleg = this.value(X_CID);
    if (starts[VIA] >= 0) {
      const sentBy = sentByOf(payload, starts[VIA], ends[VIA]);
      if (sentBy >= 0) {
        fields.via = this.value(VIA);
        fields.viaBranch = this.parameter(sentBy, ends[VIA], BRANCH);
      } else this.name('via');
    }
    if (starts[CSEQ] >= 0) {
      if (validCseq(payload, starts[CSEQ], ends[CSEQ])) fields.cseq = this.value(CSEQ);
      else this.name('cseq');
    }
    if (starts[CONTENT_LENGTH] >= 0) fields.contentLength = lengthNumber(payload, starts[CONTENT_LENGTH], ends[CONTENT_LENGTH]);
    fields.diversion = this.value(DIVERSION);
    fields.reason = this.value(REASON);
    fields.contentType = this.value(CONTENT_TYPE);
    fields.userAgent = this.value(starts[USER_AGENT] < 0 && fields.kind === 2 ? SERVER : USER_AGENT);
    fields.rtpStat = this.value(starts[X_RTP_STAT] >= 0 ? X_RTP_STAT : P_RTP_STAT);
    fields.auth = this.value(starts[PROXY_AUTHORIZATION] >= 0 ? PROXY_AUTHORIZATION : AUTHORIZATION);
    if (fields.auth !== '') fields.authUser = authUser(fields.auth);
    if (starts[X_OIP] >= 0) {
      const { host, port } = originator(this.value(X_OIP));
      fields.originatorIp = host;
      fields.originatorPort = port;
    }
  }

  /** Reads the header's address; false if it is absent. A malformed one reads as empty, but may still have a tag. */
  private address(header: number, name: string): boolean {
    const from = this.scan.starts[header];
    if (from < 0) return false;
    if (!this.reader.address(this.payload, this.text, from, this.scan.ends[header])) this.name(name);
    return true;
  }

  private isStar(): boolean {
    return this.payload[this.scan.starts[CONTACT]] === 0x2a;
  }

  private value(header: number): string {
    const from = this.scan.starts[header];
    return from < 0 ? '' : this.slice(from, this.scan.ends[header]);
  }

  private user(): string {
    return this.slice(this.reader.userFrom, this.reader.userTo);
  }

  private host(): string {
    return this.slice(this.reader.hostFrom, this.reader.hostTo);
  }

  private parameter(from: number, to: number, name: Uint8Array): string {
    return this.reader.parameter(this.payload, from, to, name) ? this.slice(this.reader.valueFrom, this.reader.valueTo) : '';
  }

  /** Bytes as text; invalid UTF-8 and NUL become U+FFFD. */
  private slice(from: number, to: number): string {
    if (to <= from) return '';
    if (this.plain) return this.text.slice(from, to);
    return this.payload.utf8Slice(from, to).replaceAll('\0', '\ufffd');
  }

  private name(header: string): void {
    if (this.broken === null) this.broken = [header];
    else if (!this.broken.includes(header)) this.broken.push(header);
  }
}

function hasLoneCr(text: string, from: number): boolean {
  for (let at = text.indexOf('\r', from); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== LF) return true;
  }
  return false;
}

/** True if the head is ASCII without NUL. */
function isPlain(payload: Buffer, text: string, headEnd: number): boolean {
  if (!isAscii(payload) && !isAscii(payload.subarray(0, headEnd))) return false;
  const nul = text.indexOf('\0');
  return nul < 0 || nul >= headEnd;
}

function emptyFields(): SipFields {
  return {
    kind: 0,
    method: '',
    replyReason: '',
    ruri: '',
    ruriUser: '',
    ruriDomain: '',
    fromUser: '',
    fromDomain: '',
    fromTag: '',
    toUser: '',
    toDomain: '',
    toTag: '',
    pidUser: '',
    contactUser: '',
    contactHost: '',
    contactPort: 0,
    authUser: '',
    auth: '',
    callId: '',
    callIdAleg: '',
    via: '',
    viaBranch: '',
    cseq: '',
    diversion: '',
    reason: '',
    contentType: '',
    contentLength: -1,
    userAgent: '',
    originatorIp: '',
    originatorPort: 0,
    rtpStat: '',
    head: '',
    bodyAt: 0,
    broken: NONE_BROKEN,
  };
}
