/** Passes each SIP message, and each report with a correlation id, to the call commands. */
import { PAYLOAD_SIP, type Message } from '../../base/index.js';
import type { MessagePreparer } from '../../extract/prepare-message.js';
import { publishedReport } from '../../extract/published-report.js';
import { filtered, rejected, type Handler, type MessageOutputs, type Outcome } from '../../pipeline/handler.js';

/** Takes messages; false if its output is full. */
export interface MessageTaker {
  message(message: Message): boolean;
  /** A report (RTCP, a quality record, a log) of the call whose Call-ID is its correlation id. */
  report(message: Message): void;
}

export class CallHandler implements Handler {
  constructor(
    private readonly preparer: MessagePreparer,
    private readonly taker: MessageTaker,
    /** Quality reports within PUBLISH have rows of their own there. */
    private readonly fromDatabase: boolean,
  ) {}

  handle(message: Message, outputs: MessageOutputs): Outcome {
    if (message.payloadType === PAYLOAD_SIP) {
      const wrong = this.preparer.sip(message);
      if (wrong !== '') return rejected(wrong);
      if (!this.taker.message(message)) outputs.room = false;
      const published = this.fromDatabase ? null : publishedReport(message, message.sip!);
      if (published !== null) this.taker.report(published);
      return null;
    }
    if (message.correlationId === '') return filtered('not_sip');
    this.taker.report(message);
    return null;
  }
}
