/**
 * The one place that prepares a message before it is handled: SIP is parsed at most once, ends at its Content-Length (RFC
 * 3261 section 18.3), and gets its originator; malformed headers are noted.
 */
import { PAYLOAD_SIP, isFault, type FaultCode, type Ledger, type Message, type SipFields } from '../base/index.js';
import { SipReader } from './sip-reader.js';

const NUL = 0;
const BLANK = /^[\s\0]*$/;

export class MessagePreparer {
  /** `onSip` receives the fields of every message that is prepared, once. `reader`: shared with what decodes the messages. */
  constructor(
    private readonly ledger: Ledger,
    private readonly onSip: (sip: SipFields) => void = () => {},
    readonly reader = new SipReader(),
  ) {}

  /**
   * Parses a message from frames. `tunnelled`: it came from the captured tunnel, so its originator is the tunnel's source
   * unless a header (X-OIP) names another. HEP is parsed when `sip` is called.
   */
  prepare(message: Message, tunnelled: boolean): void {
    if (message.payloadType !== PAYLOAD_SIP || message.envelope !== null) return;
    if (this.sip(message) === '' && tunnelled && message.sip!.originatorIp === '') message.sip!.originatorIp = message.outerSource;
  }

  /** Parses the payload as SIP, whatever its type; '' if `message.sip` is set, else why it is not SIP. */
  sip(message: Message): FaultCode | '' {
    if (message.sip !== null) return '';
    const sip = this.reader.take(message.payload);
    if (isFault(sip)) return sip.fault;
    for (const header of sip.broken) this.ledger.notes.add(`broken_${header}`);
    message.sip = sip;
    this.endMessage(message, sip);
    this.onSip(sip);
    return '';
  }

  /** The envelope keeps its bytes: it is relayed unchanged. */
  private endMessage(message: Message, sip: SipFields): void {
    const { payload } = message;
    const end = sip.contentLength < 0 ? endWithoutNuls(payload, sip.bodyAt) : sip.bodyAt + sip.contentLength;
    if (end >= payload.length) return;
    if (sip.contentLength >= 0 && isTooShort(sip, payload, end)) {
      this.ledger.notes.add('content_length_short');
      return;
    }
    message.payload = payload.subarray(0, end);
    this.ledger.notes.add('trailing_bytes', payload.length - end);
  }
}

function endWithoutNuls(payload: Buffer, bodyAt: number): number {
  let end = payload.length;
  while (end > bodyAt && payload[end - 1] === NUL) end--;
  return end;
}

/** True if the bytes beyond Content-Length evidently belong to the body: the sender miscounted. */
function isTooShort({ contentType, contentLength, bodyAt }: SipFields, payload: Buffer, end: number): boolean {
  if (contentType === '') return false;
  const behind = payload.latin1Slice(end);
  if (BLANK.test(behind)) return false;
  if (contentLength === 0) return true;
  if (/^application\/sdp/i.test(contentType)) return /^[\r\n]*[a-z]=/.test(behind);
  return /xml/i.test(contentType) && isOpenXml(payload.latin1Slice(bodyAt, end));
}

/** True if the root element is not closed. */
function isOpenXml(text: string): boolean {
  const root = /<([A-Za-z_][\w.:-]*)/.exec(text);
  if (root === null) return false;
  return !text.includes(`</${root[1]}`, root.index) && !/^[^<>]*\/>/.test(text.slice(root.index + 1));
}
