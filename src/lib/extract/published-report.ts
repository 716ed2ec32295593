/** Quality reports in the body of a PUBLISH (RFC 6035): a report of their own, under the call they speak of. */
import { PAYLOAD_VQ, type Message, type SipFields } from '../base/index.js';
import { readVqReport } from '../sip/index.js';

const PUBLISH = 'PUBLISH';

/** Null where the message holds none. Headers and addresses are those of the PUBLISH. */
export function publishedReport(message: Message, sip: SipFields): Message | null {
  if (sip.method !== PUBLISH || sip.kind !== 1 || !/^application\/vq-rtcpxr/i.test(sip.contentType)) return null;
  const body = message.payload.subarray(sip.bodyAt);
  const report = readVqReport(body.toString('utf8'));
  // The packet it came in holds the PUBLISH, not this.
  return report === null
    ? null
    : { ...message, payloadType: PAYLOAD_VQ, payload: body, correlationId: report.callId, envelope: null, sip: null };
}
