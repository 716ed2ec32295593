/**
 * Session descriptions that nothing has asked about yet: most captures have no media, so reading them can wait. Of more than
 * so many the older half is dropped; nobody has missed them until then. What a call repeats (hops, retransmissions, refreshed
 * sessions) is kept once.
 */
import { cseqMethod, type SipFields } from '../base/index.js';
import { sdpOf } from './sdp.js';

export interface Description {
  callId: string;
  text: string;
  /** Microseconds since 1970: of the first 2xx to INVITE that has it, 0 for none; of the latest message. */
  answeredAt: number;
  capturedAt: number;
}

const MAX_CHARACTERS = 48e6;
/** Whether fax is announced is asked with every datagram, so it must be known. */
const FAX = 'image';

export class UnreadDescriptions {
  /** By Call-ID and text, in the order of the latest messages. */
  private newer = new Map<string, Description>();
  private older = new Map<string, Description>();
  private characters = 0;
  private hasFax = false;
  private dropped = 0;

  constructor(private readonly maximum: number) {}

  /** Keeps the description of a message, if it has one. */
  add(sip: SipFields, payload: Buffer, capturedAt: number): void {
    const text = sdpOf(sip, payload);
    if (text === '') return;
    const isAnswer = sip.kind === 2 && sip.method.startsWith('2') && cseqMethod(sip) === 'INVITE';
    const key = `${sip.callId}\n${text}`;
    const known = this.removed(key);
    const answeredAt = known !== null && known.answeredAt > 0 ? known.answeredAt : isAnswer ? capturedAt : 0;
    // Both are slices of the key: the text is in memory once.
    const callId = known?.callId ?? key.slice(0, sip.callId.length);
    this.newer.set(key, { callId, text: known?.text ?? key.slice(sip.callId.length + 1), answeredAt, capturedAt });
    this.characters += text.length;
    this.hasFax ||= text.includes(FAX);
    if (this.newer.size >= this.maximum / 2) this.dropOlder();
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
    const taken = { descriptions: [...this.older.values(), ...this.newer.values()], dropped: this.dropped };
    this.newer = new Map();
    this.older = new Map();
    this.characters = 0;
    this.hasFax = false;
    this.dropped = 0;
    return taken;
  }

  private dropOlder(): void {
    for (const { text } of this.older.values()) this.characters -= text.length;
    this.dropped += this.older.size;
    this.older = this.newer;
    this.newer = new Map();
  }

  private removed(key: string): Description | null {
    const map = this.newer.has(key) ? this.newer : this.older;
    const known = map.get(key);
    if (known === undefined) return null;
    map.delete(key);
    this.characters -= known.text.length;
    return known;
  }
}
