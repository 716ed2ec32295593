/** Recognises retransmissions: the same message of the same transaction on the same hop within 32 s (64 T1, RFC 3261 section 17.1.1.2). */
import type { Message, SipFields } from '../../base/index.js';

const WITHIN_MICROSECONDS = 32e6;
/** Messages that are remembered, a power of two; on a hash collision the newer one replaces the other. */
const PLACES = 16_384;

/** Only numbers are kept: texts of messages would burden the garbage collector. */
export class ResentMessages {
  private readonly marks = new Uint32Array(PLACES);
  private readonly times = new Float64Array(PLACES).fill(-Infinity);
  private place = 0;
  private mark = 0;

  isResent(message: Message, sip: SipFields): boolean {
    this.place = 0x811c9dc5;
    this.mark = (message.sourcePort * 65_536 + message.destinationPort + message.payload.length * 31) | 0;
    this.mix(sip.viaBranch);
    this.mix(sip.callId);
    this.mix(sip.cseq);
    this.mix(sip.method);
    this.mix(sip.toTag);
    this.mix(message.sourceAddress);
    this.mix(message.destinationAddress);
    const at = this.place & (PLACES - 1);
    const mark = this.mark >>> 0;
    const isKnown = this.marks[at] === mark && Math.abs(message.capturedAt - this.times[at]) < WITHIN_MICROSECONDS;
    this.marks[at] = mark;
    this.times[at] = message.capturedAt;
    return isKnown;
  }

  /** Two hashes at once, of two characters a step: FNV-1a for the place, another for the mark. */
  private mix(text: string): void {
    let { place, mark } = this;
    const even = text.length & ~1;
    for (let i = 0; i <= even; i += 2) {
      const code = i < even ? text.charCodeAt(i) ^ (text.charCodeAt(i + 1) << 8) : i < text.length ? text.charCodeAt(i) : 0;
      place = Math.imul(place ^ code, 0x01000193);
      mark = Math.imul(mark ^ code, 0x5bd1e995) + 0x9e3779b9;
    }
    this.place = place ^ text.length ^ (place >>> 15);
    this.mark = mark ^ (mark >>> 13);
  }
}
