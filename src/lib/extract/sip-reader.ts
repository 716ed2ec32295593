/**
 * The only parser of messages on their way: a SIP payload is parsed at most once, although its session description is needed
 * as soon as it is decoded (the next packet may be of that media), and its fields when it is prepared.
 */
import type { Fault, SipFields } from '../base/index.js';
import { SipParser } from '../sip/index.js';

export class SipReader {
  private readonly parser = new SipParser();
  private payload: Buffer | null = null;
  private result: SipFields | Fault | null = null;

  /** The fields in advance: `take` returns the same ones if that payload is the next to be taken. */
  peek(payload: Buffer): SipFields | Fault {
    this.payload = payload;
    return (this.result = this.parser.parse(payload));
  }

  /** The fields, which from now on belong to the caller. */
  take(payload: Buffer): SipFields | Fault {
    const { result } = this;
    if (result === null || payload !== this.payload) return this.parser.parse(payload);
    this.payload = this.result = null;
    return result;
  }
}
