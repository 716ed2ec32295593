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

/** What is remembered of a message, as so many numbers in one list: objects would cost more than all else of a call. */
const HASH = 0;
/** Hash of the pair of endpoints. */
const HOP = 1;
/** Of the latest transmission. */
const AT = 2;
/** The capture point that saw the latest transmission first. */
const POINT = 3;
const IS_CUT = 4;
/** Position assigned by the owner of the messages. */
const INDEX = 5;
const NUMBERS = 6;

export class Repeats {
  /** Index of the message that the last one repeats, -1 if none. */
  repeated = -1;
  /** The last duplicate is the complete form of a truncated message. */
  completes = false;
  private readonly remembered: number[] = [];
  /** Further capture points that saw the latest transmission, by where the message is remembered. */
  private others: Map<number, number[]> | null = null;
  private next = 0;

  constructor(private readonly maximum = MAX_REMEMBERED) {}

  /** `index` is stored with the message. */
  see(message: Message, sip: SipFields, index = 0): Repetition {
    const { remembered } = this;
    const hash = messageHash(message, sip);
    const hop = hopHash(message);
    this.repeated = -1;
    this.completes = false;
    for (let at = remembered.length - NUMBERS; at >= 0; at -= NUMBERS)
      if (remembered[at + HASH] === hash && remembered[at + HOP] === hop) return this.repeat(at, message, sip);
    this.remember(hash, hop, message.capturedAt, capturePoint(message), isCut(message, sip) ? 1 : 0, index);
    return FIRST;
  }

  private repeat(at: number, message: Message, sip: SipFields): Repetition {
    const { remembered } = this;
    const point = capturePoint(message);
    this.repeated = remembered[at + INDEX];
    const apart = Math.abs(message.capturedAt - remembered[at + AT]);
    const wasCut = remembered[at + IS_CUT] === 1;
    if (wasCut !== isCut(message, sip)) {
      this.completes = wasCut;
      remembered[at + IS_CUT] = 0;
      return DUPLICATE;
    }
    if (apart <= SAME_POINT_MICROSECONDS) return DUPLICATE;
    if (apart < OTHER_POINT_MICROSECONDS && this.isNewPoint(at, point)) return DUPLICATE;
    remembered[at + AT] = message.capturedAt;
    remembered[at + POINT] = point;
    this.others?.delete(at);
    return RETRANSMISSION;
  }

  /** And notes it. */
  private isNewPoint(at: number, point: number): boolean {
    const others = this.others?.get(at);
    if (this.remembered[at + POINT] === point || others?.includes(point) === true) return false;
    if (others !== undefined) others.push(point);
    else (this.others ??= new Map()).set(at, [point]);
    return true;
  }

  private remember(hash: number, hop: number, capturedAt: number, point: number, cut: number, index: number): void {
    const { remembered } = this;
    if (remembered.length < this.maximum * NUMBERS) {
      remembered.push(hash, hop, capturedAt, point, cut, index);
      return;
    }
    const at = this.next;
    this.others?.delete(at);
    remembered[at + HASH] = hash;
    remembered[at + HOP] = hop;
    remembered[at + AT] = capturedAt;
    remembered[at + POINT] = point;
    remembered[at + IS_CUT] = cut;
    remembered[at + INDEX] = index;
    this.next = (at + NUMBERS) % (this.maximum * NUMBERS);
  }
}

function hopHash({ sourceAddress, sourcePort, destinationAddress, destinationPort }: Message): number {
  return hashText(destinationAddress, hashText(sourceAddress, sourcePort) ^ (destinationPort << 16));
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
