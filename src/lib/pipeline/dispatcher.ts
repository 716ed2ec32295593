/** Hands each message to every sink: SIP is parsed once, and only where a sink wants to read it. */
import { PAYLOAD_SIP, isFault, type Message, type SipFields, type Sink, type Ledger } from '../base/index.js';
import { SipParser } from '../sip/index.js';
import { publishedReport } from '../extract/published-report.js';

export interface DispatcherOptions {
  sinks: readonly Sink[];
  ledger: Ledger;
  /** True where a sink reads the SIP fields. */
  parse: boolean;
  /** What came through a tunnel and names no X-OIP has the tunnel's source for its originator. */
  outerIsOriginator?: boolean;
  /** A quality report in the body of a PUBLISH is delivered behind it as a message of its own; needs `parse`. */
  publishedReports?: boolean;
  /** Stop after this many delivered messages; 0 is no limit. */
  count: number;
  /** Called once when the limit is reached. */
  onCount: () => void;
}

export class Dispatcher {
  private full = false;
  private readonly parser = new SipParser();

  constructor(private readonly options: DispatcherOptions) {}

  /** Delivers the message; false when a sink is full. The message has been counted as found already. */
  dispatch(message: Message): boolean {
    const { ledger, sinks, count } = this.options;
    if (count > 0 && ledger.delivered >= count) {
      ledger.filtered.add('after_count');
      return true;
    }
    if (this.options.parse && message.payloadType === PAYLOAD_SIP && message.sip === null) {
      const sip = this.parser.parse(message.payload);
      if (isFault(sip)) {
        ledger.rejected.add(sip.fault);
        return true;
      }
      for (const header of sip.broken) ledger.notes.add(`broken_${header}`);
      if (this.options.outerIsOriginator === true && sip.originatorIp === '') sip.originatorIp = message.outerSource;
      message.sip = sip;
      this.endAtContentLength(message, sip);
    }
    ledger.delivered++;
    let room = true;
    for (const sink of sinks) if (!sink.accept(message)) room = false;
    if (!room) this.full = true;
    if (count > 0 && ledger.delivered === count) this.options.onCount();
    const report = this.options.publishedReports === true && message.sip !== null ? publishedReport(message, message.sip) : null;
    if (report === null) return room;
    ledger.found++;
    return this.dispatch(report) && room;
  }

  /** RFC 3261 section 18.3: bytes of a datagram beyond the body are no part of the message. */
  private endAtContentLength(message: Message, sip: SipFields): void {
    const { payload } = message;
    const end = sip.bodyAt + sip.contentLength;
    if (sip.contentLength < 0 || end >= payload.length || message.envelope !== null) return;
    message.payload = payload.subarray(0, end);
    this.options.ledger.notes.add('trailing_bytes', payload.length - end);
  }

  /** True when the last deliveries filled a sink; a source that can wait then waits for `ready()`. */
  isFull(): boolean {
    return this.full;
  }

  async ready(): Promise<void> {
    for (const sink of this.options.sinks) await sink.ready();
    this.full = false;
  }
}
