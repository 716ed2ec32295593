/**
 * The datagrams that wait for more of their fragments, oldest first. Bounded by number, bytes and age; what is
 * given up is counted fragment by fragment.
 */
import { i32, type Counters, type FaultCode, type Frame } from '../base/index.js';
import { FragmentDatagram } from './fragment-datagram.js';
import { heldBytes } from './held-frames.js';
import type { Walk } from './walk.js';

export class FragmentTable {
  private readonly waiting = new Map<string, FragmentDatagram>();
  private weight = 0;
  /** Why the last fragment was refused, or ''. */
  refusal: FaultCode | '' = '';

  constructor(
    private readonly maxDatagrams: number,
    private readonly maxBytes: number,
    private readonly ageMicroseconds: number,
    private readonly addressBytes: number,
    private readonly counters: Counters,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  get bytes(): number {
    return this.weight;
  }

  /**
   * Takes the fragment that the walk stands on, with the frames that carried it. Answers the datagram that it
   * completes, or null: then `refusal` says whether it was kept.
   */
  add(walk: Walk, frames: readonly Frame[]): FragmentDatagram | null {
    const { packet } = walk;
    const now = packet.capturedAt;
    this.expire(now);
    const key = this.key(walk);
    const length = walk.end - walk.at;
    const known = this.waiting.get(key);
    const datagram = known ?? new FragmentDatagram(now);
    // A fragment that the snap length cut can never be made whole.
    this.refusal = walk.missing > 0 ? 'cut' : datagram.objection(walk.fragmentOffset, length, walk.fragmentMore);
    if (this.refusal !== '') return null;

    this.weight -= datagram.weight;
    if (walk.fragmentOffset === 0 && datagram.next === 0) datagram.next = walk.fragmentNext;
    datagram.add(walk.bytes, walk.at, walk.end, walk.fragmentOffset, walk.fragmentMore);
    if (datagram.repeated > 0) this.counters.add(datagram.repeated === length ? 'fragment_duplicate' : 'fragment_overlap');
    if (datagram.complete) {
      this.waiting.delete(key);
      return datagram;
    }
    for (const frame of frames) datagram.frames.push(frame);
    datagram.frameBytes += heldBytes(frames);
    this.weight += datagram.weight;
    if (known === undefined) this.waiting.set(key, datagram);
    this.makeRoom();
    return null;
  }

  /** Gives up what is older than the age at packet time `now`, or from a time that turned out to be wrong. */
  expire(now: number): void {
    for (const [key, datagram] of this.waiting) {
      if (Math.abs(now - datagram.startedAt) <= this.ageMicroseconds) return;
      this.giveUp(key, datagram, 'fragment_age');
    }
  }

  /** Gives up everything. */
  finish(): void {
    for (const [key, datagram] of this.waiting) this.giveUp(key, datagram, 'fragment_age');
  }

  private makeRoom(): void {
    while (this.waiting.size > this.maxDatagrams || this.weight > this.maxBytes) {
      const [key, datagram] = this.waiting.entries().next().value!;
      this.giveUp(key, datagram, 'fragment_limit');
    }
  }

  private giveUp(key: string, datagram: FragmentDatagram, reason: FaultCode): void {
    this.waiting.delete(key);
    this.weight -= datagram.weight;
    this.counters.add(reason, datagram.fragments);
  }

  /** Addresses, identification and protocol. */
  private key(walk: Walk): string {
    const { packet } = walk;
    let words = '';
    for (let i = 0; i < this.addressBytes; i += 4) {
      words += wordText(i32(packet.addresses, packet.sourceAt + i)) + wordText(i32(packet.addresses, packet.destinationAt + i));
    }
    return words + wordText(walk.fragmentId) + String.fromCharCode(walk.fragmentProtocol);
  }
}

function wordText(word: number): string {
  return String.fromCharCode(word >>> 16, word & 0xffff);
}
