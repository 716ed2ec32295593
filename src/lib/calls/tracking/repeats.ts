/**
 * Distinguishes retransmissions from duplicates. A retransmission is the same message of the same transaction and hop, sent
 * again; a duplicate is one message seen by several capture points, or twice by one within two milliseconds.
 */
import { cseqMethod, isCut, type Message, type SipFields } from '../../base/index.js';
import { hashText, transactionHash } from './texts.js';

export const FIRST = 0;
export const DUPLICATE = 1;
export const RETRANSMISSION = 2;
export type Repetition = typeof FIRST | typeof DUPLICATE | typeof RETRANSMISSION;

/** Distinct messages of a call that are remembered; a retransmission follows within 32 seconds. */
const MAX_REMEMBERED = 64;
const SAME_POINT_MICROSECONDS = 2000;
/** Below T1 (500 ms, RFC 3261 section 17.1.1.1): another capture point has seen the same one, whatever its clock. */
const OTHER_POINT_MICROSECONDS = 400_000;

interface Remembered {
  hash: number;
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  /** Of the latest transmission. */
  at: number;
  /** Capture points that saw the latest transmission: the first one, and the others. */
  point: number;
  others: number[] | null;
  cut: boolean;
  /** Position assigned by the owner of the messages. */
  index: number;
}

export class Repeats {
  /** Index of the message that the last one repeats, -1 if none. */
  repeated = -1;
  /** The last duplicate is the complete form of a truncated message. */
  completes = false;
  private readonly remembered: Remembered[] = [];
  private next = 0;

  constructor(private readonly maximum = MAX_REMEMBERED) {}

  /** `index` is stored with the message. */
  see(message: Message, sip: SipFields, index = 0): Repetition {
    const hash = messageHash(message, sip);
    const point = capturePoint(message);
    this.repeated = -1;
    this.completes = false;
    for (let i = this.remembered.length - 1; i >= 0; i--) {
      const known = this.remembered[i];
      if (known.hash !== hash || !isSameHop(known, message)) continue;
      this.repeated = known.index;
      return this.repeat(known, message, sip, point);
    }
    this.remember({
      hash,
      source: message.sourceAddress,
      sourcePort: message.sourcePort,
      destination: message.destinationAddress,
      destinationPort: message.destinationPort,
      at: message.capturedAt,
      point,
      others: null,
      cut: isCut(message, sip),
      index,
    });
    return FIRST;
  }

  private repeat(known: Remembered, message: Message, sip: SipFields, point: number): Repetition {
    const apart = Math.abs(message.capturedAt - known.at);
    if (known.cut !== isCut(message, sip)) {
      this.completes = known.cut;
      known.cut = false;
      return DUPLICATE;
    }
    if (apart <= SAME_POINT_MICROSECONDS) return DUPLICATE;
    const isNewPoint = known.point !== point && known.others?.includes(point) !== true;
    if (isNewPoint && apart < OTHER_POINT_MICROSECONDS) {
      (known.others ??= []).push(point);
      return DUPLICATE;
    }
    known.at = message.capturedAt;
    known.point = point;
    known.others = null;
    return RETRANSMISSION;
  }

  private remember(message: Remembered): void {
    if (this.remembered.length < this.maximum) {
      this.remembered.push(message);
      return;
    }
    this.remembered[this.next] = message;
    this.next = (this.next + 1) % this.maximum;
  }
}

function isSameHop(known: Remembered, message: Message): boolean {
  return (
    known.source === message.sourceAddress &&
    known.destination === message.destinationAddress &&
    known.sourcePort === message.sourcePort &&
    known.destinationPort === message.destinationPort
  );
}

/** Node and VLAN: what distinguishes the points where a message was captured. */
function capturePoint(message: Message): number {
  return (message.captureId + 1) * 4097 + message.vlan + 1;
}

/** Transaction, start line and To tag; of provisional replies all bytes, as several may differ in RSeq or body alone. */
function messageHash({ payload }: Message, sip: SipFields): number {
  let hash = hashText(sip.method, transactionHash(sip));
  hash = hashText(sip.toTag, hash);
  if (sip.kind === 1) return hash;
  hash = hashText(cseqMethod(sip), hash);
  if (sip.method > '100' && sip.method < '200') hash = hashText(provisionalText(payload, sip), hash);
  return hash;
}

/** A proxy changes nothing between retransmissions; the length distinguishes bodies, RSeq reliable replies (RFC 3262). */
function provisionalText(payload: Buffer, { head }: SipFields): string {
  const at = head.search(/\nrseq[ \t]*:/i);
  return at < 0 ? String(payload.length) : head.slice(at, head.indexOf('\n', at + 1));
}
