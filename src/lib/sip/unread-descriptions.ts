/**
 * Session descriptions that nothing has asked about yet: most captures have no media, so reading them can wait. Of more than
 * so many the older half is dropped; nobody has missed them until then.
 */
import { cseqMethod, detached, type SipFields } from '../base/index.js';
import { sdpOf } from './sdp.js';

export interface Description {
  callId: string;
  text: string;
  /** Of a 2xx to INVITE. */
  isAnswer: boolean;
  /** Microseconds since 1970. */
  capturedAt: number;
}

const MAX_CHARACTERS = 48e6;
/** Whether fax is announced is asked with every datagram, so it must be known. */
const FAX = 'image';

export class UnreadDescriptions {
  private newer: Description[] = [];
  private older: Description[] = [];
  private characters = 0;
  private hasFax = false;
  private dropped = 0;

  constructor(private readonly maximum: number) {}

  /** Keeps the description of a message, if it has one. */
  add(sip: SipFields, payload: Buffer, capturedAt: number): void {
    const text = sdpOf(sip, payload);
    if (text === '') return;
    const isAnswer = sip.kind === 2 && sip.method.startsWith('2') && cseqMethod(sip) === 'INVITE';
    this.newer.push({ callId: detached(sip.callId), text, isAnswer, capturedAt });
    this.characters += text.length;
    this.hasFax ||= text.includes(FAX);
    if (this.newer.length >= this.maximum / 2) this.dropOlder();
  }

  get isEmpty(): boolean {
    return this.characters === 0;
  }

  /** They cannot wait: long ones, or one of fax. */
  get areUrgent(): boolean {
    return this.hasFax || this.characters > MAX_CHARACTERS;
  }

  /** All of them, in the order of their messages, and the number of those that were dropped before. */
  take(): { descriptions: Description[]; dropped: number } {
    const taken = { descriptions: [...this.older, ...this.newer], dropped: this.dropped };
    this.newer = [];
    this.older = [];
    this.characters = 0;
    this.hasFax = false;
    this.dropped = 0;
    return taken;
  }

  private dropOlder(): void {
    for (const { text } of this.older) this.characters -= text.length;
    this.dropped += this.older.length;
    this.older = this.newer;
    this.newer = [];
  }
}
