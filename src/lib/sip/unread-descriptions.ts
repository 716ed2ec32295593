/**
 * Session descriptions that nothing has asked about yet: most captures have no media, so reading them can wait. They are kept
 * in two generations; what a call repeats (hops, retransmissions, refreshed sessions) is kept once of each, and the older one
 * is dropped where the newer one is full: nobody has missed it until then.
 */
import { cseqMethod, detached, type SipFields } from '../base/index.js';
import { sdpOf } from './sdp.js';

export interface Description {
  callId: string;
  text: string;
  /** Microseconds since 1970: of the first 2xx to INVITE that has it, 0 for none; of the latest message. */
  answeredAt: number;
  capturedAt: number;
}

/** Of a generation. */
const MAX_CHARACTERS = 24e6;
/** Whether fax is announced is asked with every datagram, so it must be known. */
const FAX = 'image';

export class UnreadDescriptions {
  /** In the order of their messages. */
  private newer: Description[] = [];
  private older: Description[] = [];
  private newerCharacters = 0;
  private isUrgent = false;
  private dropped = 0;

  /** `maximum`: of a generation. */
  constructor(private readonly maximum: number) {}

  /** Keeps the description of a message, if it has one. */
  add(sip: SipFields, payload: Buffer, capturedAt: number): void {
    const text = sdpOf(sip, payload);
    if (text === '') return;
    const isAnswer = sip.kind === 2 && sip.method.startsWith('2') && cseqMethod(sip) === 'INVITE';
    this.newer.push({ callId: detached(sip.callId), text, answeredAt: isAnswer ? capturedAt : 0, capturedAt });
    this.newerCharacters += text.length;
    this.isUrgent ||= text.includes(FAX);
    if (this.newer.length >= this.maximum || this.newerCharacters > MAX_CHARACTERS) this.makeRoom();
  }

  get isEmpty(): boolean {
    return this.newer.length + this.older.length === 0;
  }

  /** They cannot wait: few that are long, or one of fax. */
  get areUrgent(): boolean {
    return this.isUrgent;
  }

  /** All of them, in the order of their messages, and the number of those that were dropped before. */
  take(): { descriptions: Description[]; dropped: number } {
    const taken = { descriptions: [...this.older, ...this.newer], dropped: this.dropped };
    this.older = [];
    this.begin([]);
    this.isUrgent = false;
    this.dropped = 0;
    return taken;
  }

  private makeRoom(): void {
    const distinct = withoutRepeats(this.newer);
    if (distinct.length < this.newer.length / 2) {
      this.begin(distinct);
      return;
    }
    this.isUrgent ||= distinct.length < this.maximum / 4;
    this.dropped += this.older.length;
    this.older = distinct;
    this.begin([]);
  }

  private begin(descriptions: Description[]): void {
    this.newer = descriptions;
    this.newerCharacters = descriptions.reduce((sum, { text }) => sum + text.length, 0);
  }
}

/** The last one of each that a call repeats, with the time of the first answer. */
function withoutRepeats(descriptions: readonly Description[]): Description[] {
  const distinct = new Map<string, Description>();
  for (const description of descriptions) {
    const key = `${description.callId}\n${description.text}`;
    const known = distinct.get(key);
    if (known !== undefined) {
      if (known.answeredAt > 0) description.answeredAt = known.answeredAt;
      distinct.delete(key);
    }
    distinct.set(key, description);
  }
  return [...distinct.values()];
}
