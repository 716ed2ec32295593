/**
 * Puts the bytes of one TCP direction in order: segments that arrive early are queued behind a hole, and there is one way
 * to give up a hole, whatever the reason. In-order segments are delivered in place, without a copy.
 */
import { ownCopy } from '../base/index.js';
import { AbandonedRanges } from './abandoned-ranges.js';
import type { ConnectionFrames } from './connection-frames.js';
import { bareFrame } from './frame-copies.js';
import { Hole, type HoleOwner } from './hole.js';
import type { Packet } from './packet.js';
import { PeerView } from './peer-view.js';
import type { ReassemblyContext } from './reassembly-context.js';
import { SegmentQueue, before } from './segment-queue.js';
import { StreamDelivery } from './stream-delivery.js';
import type { Walk } from './walk.js';

const UNKNOWN = null;

export class ByteOrder implements HoleOwner {
  /** Sequence number of the next byte expected. */
  next = 0;
  /** True while a receiver wants the bytes. */
  isWanted = true;
  readonly peer = new PeerView();
  readonly abandoned = new AbandonedRanges();
  readonly delivery: StreamDelivery;
  /** Sequence number of the end of the stream, if known. */
  private endAt: number | null = UNKNOWN;
  private endSeenAt = 0;
  private readonly queue = new SegmentQueue();
  private hole: Hole | null = null;

  constructor(
    packet: Packet,
    frames: ConnectionFrames | null,
    private readonly context: ReassemblyContext,
    private readonly onComplete: () => void,
  ) {
    this.delivery = new StreamDelivery(packet, frames, context);
  }

  begin(first: number): void {
    this.next = first;
    this.endAt = UNKNOWN;
    this.isWanted = true;
    this.delivery.begin(first);
  }

  get isWaiting(): boolean {
    return this.queue.length > 0;
  }

  /** True if bytes are missing before queued ones or before the end. */
  get hasHole(): boolean {
    return this.queue.length > 0 || (this.endAt !== UNKNOWN && before(this.next, this.endAt));
  }

  /** Delivers the walk's payload from the next expected byte on. `capturedEnd` is the end of the captured bytes, `end` that on the wire. */
  passOn(walk: Walk, from: number, capturedEnd: number, end: number): void {
    const position = this.next;
    if (before(position, capturedEnd)) {
      this.next = capturedEnd;
      this.handOn(position, walk.bytes, from, walk.end, walk.packet);
    }
    if (before(this.next, end)) this.lose(end, true);
    this.completeIfEnded();
  }

  /** Queues the walk's payload until the bytes before it have arrived. */
  enqueue(walk: Walk, sequence: number): void {
    const { context, queue } = this;
    const { packet } = walk;
    const bytes = ownCopy(walk.bytes, walk.at, walk.end);
    const end = (sequence + bytes.length) | 0;
    const isDoubtful = this.peer.wouldRefuse(end, this.next);
    if (isDoubtful) context.counters.add('tcp_stray');
    else this.dropDoubtful((to, from) => before(from, end) && before(sequence, to));
    const weightBefore = queue.weight;
    const added = queue.insert({
      sequence,
      bytes,
      lost: walk.missing,
      frame: bareFrame(packet.frame),
      isDoubtful,
    });
    if (added < bytes.length) context.counters.add(added === 0 ? 'tcp_retransmission' : 'tcp_overlap');
    context.heldBytes += queue.weight - weightBefore;
    const hole = this.wait();
    if (!hole.messageFollows && !isDoubtful) hole.messageFollows = this.beginsMessage(bytes, 0, bytes.length);
    this.drain(false);
    while (queue.weight > context.limits.bytesPerStream) this.giveUpHole();
    if (queue.length > 0) context.held = true;
    this.completeIfEnded();
  }

  /** The stream ends at `endAt`. */
  endsAt(endAt: number): void {
    this.endAt = endAt;
    this.endSeenAt = this.context.now;
    if (this.hasHole) this.wait();
    this.completeIfEnded();
  }

  /** Bytes up to `end` arrived: an end announced before that was false. */
  reaches(end: number): void {
    if (this.endAt !== UNKNOWN && before(this.endAt, end)) this.endAt = UNKNOWN;
  }

  isQueueEnd(sequence: number): boolean {
    return this.queue.length > 0 && sequence === this.queue.end;
  }

  /** The receiver sent an acknowledgement. */
  answered(now: number): void {
    if (this.hole !== null) this.hole.answered(this.peer.hasAcknowledged(this.holeEnd()), now);
  }

  giveUpDue(now: number): void {
    while (this.hole?.isDue(now, this.context.limits) === true) this.giveUpHole();
  }

  giveUpHole(): void {
    const target = this.holeEnd();
    if (before(this.next, target)) {
      this.abandoned.add(this.next, target);
      this.lose(target, false);
    }
    this.drain(true);
    this.completeIfEnded();
  }

  /** Gives up all holes: delivers everything held, except what the receiver would have refused. */
  giveUpAll(): void {
    this.dropDoubtful((end) => !this.peer.hasAcknowledged(end));
    while (this.hasHole) this.giveUpHole();
  }

  /** Drops everything held. */
  forget(): void {
    this.context.heldBytes -= this.queue.weight;
    this.queue.clear();
    this.stopWaiting();
    this.endAt = UNKNOWN;
  }

  beginsMessage(bytes: Buffer, from: number, to: number): boolean {
    return this.context.handler.beginsMessage?.(bytes, from, to) ?? true;
  }

  handOn(position: number, bytes: Buffer, from: number, to: number, packet: Packet): void {
    if (this.isWanted && !this.delivery.handOn(position, bytes, from, to, packet)) this.lostInterest();
  }

  private holeEnd(): number {
    return this.queue.first()?.sequence ?? this.endAt ?? this.next;
  }

  private completeIfEnded(): void {
    if (this.endAt !== UNKNOWN && !before(this.next, this.endAt)) this.onComplete();
  }

  private dropDoubtful(test: (end: number, sequence: number) => boolean): void {
    const weightBefore = this.queue.weight;
    this.queue.dropDoubtful(test);
    this.context.heldBytes += this.queue.weight - weightBefore;
    if (!this.hasHole) this.stopWaiting();
  }

  private wait(): Hole {
    if (this.hole === null) {
      this.hole = new Hole(this, this.context.now);
      this.context.holes.add(this.hole);
      // Before the end of the stream there is no message to wait for.
      this.hole.messageFollows = this.queue.length === 0;
    }
    return this.hole;
  }

  private stopWaiting(): void {
    if (this.hole !== null) this.context.holes.delete(this.hole);
    this.hole = null;
  }

  /** Delivers the queued segments that are now in order; after a hole each has the time at which it and those before it had arrived. */
  private drain(wasGivenUp: boolean): void {
    const { context, queue } = this;
    let moved = false;
    for (let segment = queue.first(); segment !== undefined && !before(this.next, segment.sequence); segment = queue.first()) {
      moved = true;
      queue.removeFirst();
      context.heldBytes -= segment.weight;
      const skip = (this.next - segment.sequence) | 0;
      const end = (segment.sequence + segment.bytes.length) | 0;
      if (before(this.next, end)) {
        const position = this.next;
        this.next = end;
        const at = wasGivenUp ? Math.max(segment.capturedAt, this.delivery.lastAt) : context.now;
        const packet = this.delivery.describe(segment.frame, at);
        this.handOn(position, segment.bytes, skip, segment.bytes.length, packet);
      }
      this.loseCut(end, segment.lost);
    }
    if (!this.hasHole) this.stopWaiting();
    else if (moved && this.hole !== null) {
      this.hole.restart(queue.first()?.capturedAt ?? this.endSeenAt, this.peer.hasAcknowledged(this.holeEnd()));
      this.hole.messageFollows =
        queue.length === 0 || queue.some(({ bytes, isDoubtful }) => !isDoubtful && this.beginsMessage(bytes, 0, bytes.length));
    }
  }

  /** What the snap length cut off a queued segment is lost, unless another segment carries it. */
  private loseCut(end: number, lost: number): void {
    if (lost === 0) return;
    let until = (end + lost) | 0;
    const follower = this.queue.first();
    if (follower !== undefined && before(follower.sequence, until)) until = follower.sequence;
    if (before(this.next, until)) this.lose(until, true);
  }

  /** Stops waiting for the bytes up to `until`. */
  private lose(until: number, wasSnapped: boolean): void {
    this.next = until;
    if (!this.isWanted) return;
    this.context.counters.add('stream_gap');
    if (!this.delivery.moveTo(until, wasSnapped)) this.lostInterest();
  }

  private lostInterest(): void {
    this.isWanted = false;
    this.forget();
  }
}
