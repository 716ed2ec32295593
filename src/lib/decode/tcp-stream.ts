/**
 * One direction of a TCP connection: which segments, FINs and RSTs to believe. It accepts what a receiver would (RFC 9293
 * section 3.10.7.4, RFC 5961), so that forged segments and those of another connection hide nothing.
 */
import { ByteOrder } from './byte-order.js';
import type { ConnectionFrames } from './connection-frames.js';
import type { Packet } from './packet.js';
import { SCALE_UNKNOWN } from './peer-view.js';
import type { ReassemblyContext } from './reassembly-context.js';
import { before } from './segment-queue.js';
import type { Walk } from './walk.js';

/** No window reaches farther from the expected sequence number: another connection on the same ports, or a forgery. */
const FAR_BYTES = 64 * 1024 * 1024;
/** How far after a new SYN its first data may begin. */
const NEAR_SYN_BYTES = 1024 * 1024;

type State = 'new' | 'open' | 'closed';

export class TcpStream {
  /** Window scale announced by the sender. */
  scale = SCALE_UNKNOWN;
  private state: State = 'new';
  private readonly order: ByteOrder;
  /** Sequence number of the first byte. */
  private first = 0;
  private fromSyn = false;
  /** First byte announced by a SYN of another connection; believed once data or an acknowledgement agrees. */
  private announced: number | null = null;
  /** End of the last segment that was too far away to be believed. */
  private strayEnd: number | null = null;
  /** Ends of the last segments. */
  private readonly recentEnds = [0, 0, 0, 0];
  private recent = 0;

  constructor(
    packet: Packet,
    /** VLANs and tunnels that the direction runs in. */
    readonly scope: number,
    frames: ConnectionFrames | null,
    private readonly context: ReassemblyContext,
  ) {
    this.order = new ByteOrder(packet, frames, context, () => this.close());
  }

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  /** False if bytes from `sequence` to `end` (or a SYN before them) cannot continue this stream. */
  couldContinueAt(sequence: number, end: number, isSyn: boolean): boolean {
    if (this.state === 'new') return true;
    if (isSyn) return this.first === ((sequence + 1) | 0);
    // The same segment, mirrored in two places.
    return this.order.next === sequence || this.recentEnds.includes(end);
  }

  /** True if the acknowledgement can belong to this direction. */
  couldBeAcknowledgedBy(sequence: number): boolean {
    return this.state === 'new' || Math.abs((sequence - this.order.next) | 0) <= NEAR_SYN_BYTES;
  }

  /** A SYN carries the sequence number before the first byte. */
  synchronise(initialSequence: number, scale: number): void {
    const first = (initialSequence + 1) | 0;
    if (this.state === 'open' && this.first !== first) {
      // An established connection only answers a SYN with a challenge ACK (RFC 5961 section 4): it may be forged.
      this.announced = first;
      return;
    }
    if (this.state === 'open') this.fromSyn = true;
    else if (this.state === 'closed' && this.first === first) return;
    else this.restart(first, true);
    this.scale = scale;
  }

  /** Takes the walk's payload; `sequence` is the number of its first byte. */
  take(walk: Walk, sequence: number): void {
    const { order } = this;
    const { counters } = this.context;
    const capturedEnd = (sequence + (walk.end - walk.at)) | 0;
    const end = (capturedEnd + walk.missing) | 0;
    if (this.state === 'new') this.restart(sequence, false);
    if (!order.isWanted) {
      counters.add('stream_ignored');
      return;
    }
    if (this.announced !== null) this.confirmSyn(sequence);
    let ahead = (sequence - order.next) | 0;
    if (ahead > FAR_BYTES || ahead < -FAR_BYTES) {
      if (!this.believesFar(walk, sequence, end)) return;
      this.restart(sequence, false);
      ahead = 0;
    }
    if (!before(order.next, end)) {
      this.takeLate(walk, sequence, capturedEnd);
      return;
    }
    if (this.state === 'closed') {
      // Bytes delivered before the end are not delivered again.
      this.restart(ahead < 0 ? order.next : sequence, false);
      ahead = Math.min(ahead, 0);
    } else if (ahead < 0) counters.add('tcp_overlap');
    this.recentEnds[this.recent++ & 3] = end;
    order.reaches(end);
    if (order.isWaiting || ahead > 0) order.enqueue(walk, sequence);
    else order.passOn(walk, walk.at - ahead, capturedEnd, end);
  }

  /** FIN: the stream ends at sequence number `endAt`. */
  finishAt(endAt: number): void {
    if (this.state !== 'open') return this.closeAt(endAt);
    const ahead = (endAt - this.order.next) | 0;
    if (ahead < 0 || ahead > FAR_BYTES) return;
    if (this.order.peer.wouldRefuse(endAt, this.order.next)) this.context.counters.add('tcp_stray');
    else this.order.endsAt(endAt);
  }

  /** RST: believed only at the next byte that the receiver expects (RFC 5961 section 3.2). */
  resetAt(sequence: number): void {
    const { order } = this;
    if (this.state !== 'open') this.closeAt(sequence);
    else if (sequence === order.next || order.peer.isLastAcknowledged(sequence) || order.isQueueEnd(sequence)) this.giveUp();
    else this.context.counters.add('tcp_stray');
  }

  /** An acknowledgement by the receiver, whose window has the given scale. */
  acknowledge(sequence: number, window: number, scale: number, now: number): void {
    if (this.announced === sequence) this.restart(sequence, true);
    if (this.state === 'new') return;
    if (this.order.peer.acknowledge(sequence, window, scale, this.scale, this.order.next)) this.order.answered(now);
  }

  giveUpDue(now: number): void {
    this.order.giveUpDue(now);
  }

  /** Delivers what is left, with gaps, and ends. */
  giveUp(): void {
    if (this.state === 'open') this.order.giveUpAll();
    this.close();
  }

  /** Ends the stream, and begins another with this byte. */
  private restart(first: number, fromSyn: boolean): void {
    if (this.state === 'open') this.giveUp();
    if (this.state === 'closed') {
      this.scale = SCALE_UNKNOWN;
      this.order.abandoned.clear();
      this.order.peer.reset();
    }
    this.state = 'open';
    this.first = first;
    this.fromSyn = fromSyn;
    this.announced = null;
    this.strayEnd = null;
    this.order.begin(first);
  }

  private closeAt(endAt: number): void {
    if (this.state === 'closed') return;
    this.order.next = endAt;
    this.close();
  }

  private close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.order.forget();
    this.order.delivery.end();
  }

  /** Data shows whether a SYN of another connection was real. */
  private confirmSyn(sequence: number): void {
    const announced = this.announced!;
    const behind = (sequence - announced) | 0;
    if (sequence === this.order.next) this.announced = null;
    else if (behind >= 0 && behind < NEAR_SYN_BYTES) this.restart(announced, true);
  }

  /** Reused ports without a visible SYN: believed if a message begins there, or the segment continues the last far one. */
  private believesFar(walk: Walk, sequence: number, end: number): boolean {
    if (this.strayEnd === sequence || this.order.beginsMessage(walk.bytes, walk.at, walk.end)) return true;
    this.strayEnd = end;
    this.context.counters.add('tcp_stray');
    return false;
  }

  /** Bytes before the next expected one: retransmissions, or bytes that were given up. */
  private takeLate(walk: Walk, sequence: number, end: number): void {
    const { order } = this;
    const { abandoned, delivery } = order;
    let isNew = false;
    // The segment before the first one seen, unless a SYN shows that there is none.
    if (!this.fromSyn && end === this.first && order.beginsMessage(walk.bytes, walk.at, walk.end)) {
      this.first = sequence;
      abandoned.add(sequence, end);
    }
    for (let range = abandoned.claim(sequence, end); range !== null; range = abandoned.claim(sequence, end)) {
      const from = walk.at + ((range.from - sequence) | 0);
      const to = walk.at + ((range.to - sequence) | 0);
      // An incomplete message takes precedence over bytes that are out of order.
      if (this.state === 'closed' || !(delivery.goesOnAt(range.from) || order.beginsMessage(walk.bytes, from, to))) break;
      isNew = true;
      this.context.counters.add('tcp_late');
      walk.packet.isDirect = false;
      order.handOn(range.from, walk.bytes, from, to, walk.packet);
    }
    if (!isNew) this.context.counters.add('tcp_retransmission');
  }
}
