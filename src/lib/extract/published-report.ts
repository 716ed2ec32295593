/** Quality reports in the body of a PUBLISH (RFC 6035) become reports of their own, under the call they describe. */
import { PAYLOAD_VQ, type Message, type SipFields } from '../base/index.js';
import { readVqReport } from '../sip/index.js';

const PUBLISH = 'PUBLISH';

/** Null if the message has none. Headers and addresses are those of the PUBLISH. */
export function publishedReport(message: Message, sip: SipFields): Message | null {
  if (sip.method !== PUBLISH || sip.kind !== 1 || !/^application\/vq-rtcpxr/i.test(sip.contentType)) return null;
  const body = message.payload.subarray(sip.bodyAt);
  const report = readVqReport(body.toString('utf8'));
  // The envelope contains the PUBLISH, not the report.
  return report === null
    ? null
    : { ...message, payloadType: PAYLOAD_VQ, payload: body, correlationId: report.callId, envelope: null, sip: null };
}
