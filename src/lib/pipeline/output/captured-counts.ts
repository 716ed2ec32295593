/** SIP requests and replies that were handed to databases: `captured_requests` and `captured_replies` of OpenSIPS' module. */
import { PAYLOAD_SIP, type Message } from '../../base/index.js';
import type { RowOverride } from './message-rows.js';

const REQUEST = 1;

export class CapturedCounts {
  requests = 0;
  replies = 0;

  /** What is stored as a report is not captured SIP. */
  add({ payloadType, sip }: Message, override: RowOverride | null = null): void {
    if (sip === null || payloadType !== PAYLOAD_SIP || (override !== null && override.report !== null)) return;
    if (sip.kind === REQUEST) this.requests++;
    else this.replies++;
  }

  include({ requests, replies }: { requests: number; replies: number }): void {
    this.requests += requests;
    this.replies += replies;
  }
}
