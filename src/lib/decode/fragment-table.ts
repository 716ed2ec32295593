/**
 * Datagrams waiting for more of their fragments, oldest first; bounded by number, bytes and age. What is given up is
 * counted by fragment and passed to `onGivenUp`, which may use its beginning.
 */
import { LinkedTable, i32, type Counters, type FaultCode, type Frame } from '../base/index.js';
import { Endpoints } from './endpoints.js';
import { FragmentDatagram } from './fragment-datagram.js';
import { bareFrame } from './frame-copies.js';
import { heldBytes } from './held-frames.js';
import { UDP } from './layer-ids.js';
import { hasLengthOfUdp, isWholeUdp } from './udp.js';
import type { Walk } from './walk.js';

/** A datagram that took longer than this must have a valid checksum. */
const SLOW_MICROSECONDS = 1_000_000;

export interface FragmentTableLimits {
  datagrams: number;
  bytes: number;
  ageMicroseconds: number;
  apartMicroseconds: number;
  addressBytes: number;
}

export class FragmentTable {
  private readonly waiting = new LinkedTable<string, FragmentDatagram>();
  private weight = 0;
  /** Why the last fragment was refused, or ''. */
  refusal: FaultCode | '' = '';

  constructor(
    private readonly limits: FragmentTableLimits,
    private readonly counters: Counters,
    private readonly onGivenUp: (datagram: FragmentDatagram) => void,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  get bytes(): number {
    return this.weight;
  }

  /**
   * Takes the walk's fragment, with the frames that carried it. Returns the datagram that it completes, or null;
   * `refusal` then says whether the fragment was kept.
   */
  add(walk: Walk, frames: readonly Frame[]): FragmentDatagram | null {
    const { packet } = walk;
    const now = packet.capturedAt;
    this.expire(now);
    const length = walk.end - walk.at;
    const datagram = this.datagramOf(walk);
    // A fragment cut by the snap length can never be completed.
    this.refusal = walk.missing > 0 ? 'cut' : datagram.objection(walk.fragmentOffset, length, walk.fragmentMore);
    if (this.refusal !== '') return null;

    const isNew = datagram.fragments === 0;
    const weightBefore = datagram.weight;
    if (walk.fragmentOffset === 0) datagram.next = walk.fragmentNext;
    const repeated = datagram.add(walk.bytes, walk.at, walk.end, walk.fragmentOffset, walk.fragmentMore);
    if (repeated > 0) this.counters.add(repeated === length ? 'fragment_duplicate' : 'fragment_overlap');
    const { lastAt } = datagram;
    datagram.lastAt = now;
    datagram.lastFrame = bareFrame(packet.frame);
    if (datagram.complete) {
      if (!isNew) this.forget(datagram, weightBefore);
      if (isBelievable(datagram, now)) return datagram;
      this.refusal = 'bad_fragment';
      datagram.keepFirst();
      if (walk.fragmentOffset > 0) datagram.lastAt = lastAt;
      this.onGivenUp(datagram);
      return null;
    }
    for (const frame of frames) datagram.frames.push(frame);
    datagram.weight += heldBytes(frames);
    this.weight += datagram.weight - (isNew ? 0 : weightBefore);
    if (isNew) this.waiting.add(datagram);
    this.makeRoom();
    return null;
  }

  /** Gives up what exceeds the age limit at packet time `now`, and what has a time far in the future. */
  expire(now: number): void {
    for (let oldest = this.waiting.oldest; oldest !== null; oldest = this.waiting.oldest) {
      if (Math.abs(now - oldest.startedAt) <= this.limits.ageMicroseconds) return;
      this.giveUp(oldest, 'fragment_age');
    }
  }

  /** Gives up everything. */
  finish(): void {
    for (let oldest = this.waiting.oldest; oldest !== null; oldest = this.waiting.oldest) this.giveUp(oldest, 'fragment_age');
  }

  /** The datagram waiting for the fragment, or a new one: a reused identification never mixes two datagrams. */
  private datagramOf(walk: Walk): FragmentDatagram {
    const { packet } = walk;
    const key = this.key(walk);
    const known = this.waiting.get(key);
    if (known !== undefined) {
      const isApart = Math.abs(packet.capturedAt - known.lastAt) > this.limits.apartMicroseconds;
      if (!isApart && !known.contradicts(walk.bytes, walk.at, walk.end, walk.fragmentOffset)) return known;
      this.giveUp(known, 'fragment_id_reused');
    }
    return new FragmentDatagram(key, new Endpoints(packet), packet.capturedAt);
  }

  private makeRoom(): void {
    while (this.waiting.size > this.limits.datagrams || this.weight > this.limits.bytes) {
      this.giveUp(this.waiting.oldest!, 'fragment_limit');
    }
  }

  private giveUp(datagram: FragmentDatagram, reason: FaultCode | 'fragment_id_reused'): void {
    this.forget(datagram, datagram.weight);
    this.counters.add(reason, datagram.fragments);
    this.onGivenUp(datagram);
  }

  private forget(datagram: FragmentDatagram, weight: number): void {
    this.waiting.delete(datagram);
    this.weight -= weight;
  }

  /** Addresses, identification, protocol, VLANs and tunnels. */
  private key(walk: Walk): string {
    const { packet } = walk;
    let words = '';
    for (let i = 0; i < this.limits.addressBytes; i += 4) {
      words += wordText(i32(packet.addresses, packet.sourceAt + i)) + wordText(i32(packet.addresses, packet.destinationAt + i));
    }
    return words + wordText(walk.fragmentId) + wordText(walk.scope) + String.fromCharCode(walk.fragmentProtocol);
  }
}

/** Fragments that arrive close together and make up the length that their UDP header says belong together; otherwise the checksum decides. */
function isBelievable(datagram: FragmentDatagram, now: number): boolean {
  if (datagram.next !== UDP) return true;
  const bytes = datagram.beginning();
  if (Math.abs(now - datagram.startedAt) <= SLOW_MICROSECONDS) return hasLengthOfUdp(bytes);
  return isWholeUdp(bytes, datagram.endpoints.addresses);
}

function wordText(word: number): string {
  return String.fromCharCode(word >>> 16, word & 0xffff);
}
