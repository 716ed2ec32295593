/** Hands each SIP message, and each report with a correlation id, to whoever looks at calls. */
import { PAYLOAD_RTCP, PAYLOAD_RTP_AGENT, PAYLOAD_SIP, PAYLOAD_VQ, type Message } from '../../base/index.js';
import type { MessagePreparer } from '../../extract/prepare-message.js';
import { filtered, rejected, type Handler, type MessageOutputs, type Outcome } from '../../pipeline/handler.js';

/** Takes messages; false where its output is full. */
export interface MessageTaker {
  message(message: Message): boolean;
  /** A quality report of the call whose Call-ID is its correlation id. */
  report(message: Message): void;
}

export class CallHandler implements Handler {
  constructor(
    private readonly preparer: MessagePreparer,
    private readonly taker: MessageTaker,
  ) {}

  handle(message: Message, outputs: MessageOutputs): Outcome {
    if (message.payloadType === PAYLOAD_SIP) {
      const wrong = this.preparer.sip(message);
      if (wrong !== '') return rejected(wrong);
      if (!this.taker.message(message)) outputs.room = false;
      return null;
    }
    if (!isReport(message.payloadType) || message.correlationId === '') return filtered('not_sip');
    this.taker.report(message);
    return null;
  }
}

function isReport(payloadType: number): boolean {
  return payloadType === PAYLOAD_RTCP || payloadType === PAYLOAD_RTP_AGENT || payloadType === PAYLOAD_VQ;
}
