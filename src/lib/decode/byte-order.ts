/**
 * The bytes of one TCP direction in their order: what comes before its turn waits behind a hole, and there is one way
 * to give a hole up, whatever the reason. What is in order is handed on where it stands, without a copy.
 */
import { AbandonedRanges } from './abandoned-ranges.js';
import { bareFrame, heldBytes, heldFrames } from './held-frames.js';
import { Hole, type HoleOwner } from './hole.js';
import type { Packet } from './packet.js';
import { PeerView } from './peer-view.js';
import type { ReassemblyContext } from './reassembly-context.js';
import { SegmentQueue, before } from './segment-queue.js';
import { StreamDelivery } from './stream-delivery.js';
import type { Walk } from './walk.js';

const UNKNOWN = null;

export class ByteOrder implements HoleOwner {
  /** Sequence number of the next byte wanted. */
  next = 0;
  /** True as long as somebody wants the bytes. */
  isWanted = true;
  readonly peer = new PeerView();
  readonly abandoned = new AbandonedRanges();
  readonly delivery: StreamDelivery;
  /** No byte follows this sequence number, as far as is known. */
  private endAt: number | null = UNKNOWN;
  private readonly queue = new SegmentQueue();
  private hole: Hole | null = null;

  constructor(
    packet: Packet,
    private readonly context: ReassemblyContext,
    private readonly onComplete: () => void,
  ) {
    this.delivery = new StreamDelivery(packet, context);
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

  /** True where bytes are missing in front of others, or of the end. */
  get hasHole(): boolean {
    return this.queue.length > 0 || (this.endAt !== UNKNOWN && before(this.next, this.endAt));
  }

  /** Hands on the payload that the walk stands on, from the next byte on; `capturedEnd` and `end` with what the snap length cut. */
  passOn(walk: Walk, from: number, capturedEnd: number, end: number): void {
    const position = this.next;
    if (before(position, capturedEnd)) {
      this.next = capturedEnd;
      this.handOn(position, walk.bytes, from, walk.end, walk.packet);
    }
    if (before(this.next, end)) this.lose(end, true);
    this.completeIfEnded();
  }

  /** Keeps the payload that the walk stands on until its turn comes. */
  enqueue(walk: Walk, sequence: number): void {
    const { context, queue } = this;
    const { packet } = walk;
    const bytes = Buffer.from(walk.bytes.subarray(walk.at, walk.end));
    const end = (sequence + bytes.length) | 0;
    const isDoubtful = this.peer.wouldRefuse(end, this.next);
    const frames = heldFrames(packet);
    if (isDoubtful) context.counters.add('tcp_stray');
    else this.dropDoubtful((to, from) => before(from, end) && before(sequence, to));
    const weightBefore = queue.weight;
    const added = queue.insert({
      sequence,
      bytes,
      lost: walk.missing,
      frame: bareFrame(packet.frame),
      frames,
      frameBytes: heldBytes(frames),
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

  /** No byte follows `endAt`. */
  endsAt(endAt: number): void {
    this.endAt = endAt;
    if (this.hasHole) this.wait();
    this.completeIfEnded();
  }

  /** Bytes up to `end` came: an end that was announced before them was none. */
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

  /** Gives up all holes: everything that is held is handed on, but for what the receiver would not have taken. */
  giveUpAll(): void {
    this.dropDoubtful((end) => !this.peer.hasAcknowledged(end));
    while (this.hasHole) this.giveUpHole();
  }

  /** Nothing is waited for any more. */
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
      // In front of an end alone there is no message to wait for.
      this.hole.messageFollows = this.queue.length === 0;
    }
    return this.hole;
  }

  private stopWaiting(): void {
    if (this.hole !== null) this.context.holes.delete(this.hole);
    this.hole = null;
  }

  /** Hands on the queued segments whose turn has come; behind a hole they keep the time at which they were captured. */
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
        const packet = this.delivery.describe(segment.frame, wasGivenUp ? segment.capturedAt : context.now);
        packet.kept = segment.frames;
        this.handOn(position, segment.bytes, skip, segment.bytes.length, packet);
      }
      this.loseCut(end, segment.lost);
    }
    if (!this.hasHole) this.stopWaiting();
    else if (moved && this.hole !== null) {
      this.hole.restart(context.now);
      this.hole.messageFollows =
        queue.length === 0 || queue.some(({ bytes, isDoubtful }) => !isDoubtful && this.beginsMessage(bytes, 0, bytes.length));
    }
  }

  /** What the snap length cut from a queued segment is lost, but for what another segment brought. */
  private loseCut(end: number, lost: number): void {
    if (lost === 0) return;
    let until = (end + lost) | 0;
    const follower = this.queue.first();
    if (follower !== undefined && before(follower.sequence, until)) until = follower.sequence;
    if (before(this.next, until)) this.lose(until, true);
  }

  /** The bytes up to `until` are not waited for any longer. */
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
