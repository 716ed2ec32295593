/** Recognises retransmissions: the same message of the same transaction on the same hop within 32 s (64 T1, RFC 3261 section 17.1.1.2). */
import { endpointText, type Message, type SipFields } from '../../base/index.js';

const WITHIN_MICROSECONDS = 32e6;
/** Messages that are remembered. */
const MAX_MESSAGES = 8192;

export class ResentMessages {
  private readonly seen = new Map<string, number>();

  isResent(message: Message, sip: SipFields): boolean {
    const { seen } = this;
    const key = keyOf(message, sip);
    const at = seen.get(key);
    seen.delete(key);
    seen.set(key, message.capturedAt);
    if (seen.size > MAX_MESSAGES) seen.delete(seen.keys().next().value!);
    return at !== undefined && Math.abs(message.capturedAt - at) < WITHIN_MICROSECONDS;
  }
}

function keyOf({ sourceAddress, sourcePort, destinationAddress, destinationPort, payload }: Message, sip: SipFields): string {
  const hop = `${endpointText(sourceAddress, sourcePort)} ${endpointText(destinationAddress, destinationPort)}`;
  return `${hop} ${sip.callId} ${sip.cseq} ${sip.method} ${sip.viaBranch} ${sip.toTag} ${payload.length}`;
}
