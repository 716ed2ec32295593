/**
 * One direction of a TCP connection: puts segments in order and hands every byte on once (RFC 9293 section 3.10.7.4).
 * A segment that is in order is handed on where it stands, without a copy.
 */
import type { StreamReceiver } from './handler.js';
import { bareFrame, heldBytes, heldFrames } from './held-frames.js';
import { SegmentQueue, before } from './segment-queue.js';
import type { ReassemblyContext } from './reassembly-context.js';
import type { TcpConnection } from './tcp-connection.js';
import type { Walk } from './walk.js';

/** Farther from the expected sequence number no window reaches: another connection on the same ports. */
const FAR_BYTES = 64 * 1024 * 1024;
const NEVER = -1;

type State = 'new' | 'open' | 'ignored' | 'closed';

export class TcpStream {
  state: State = 'new';
  private receiver: StreamReceiver | null = null;
  /** Sequence number of the first byte, and of the next one wanted. */
  private initial = 0;
  private next = 0;
  private endKnown = false;
  private endAt = 0;

  private readonly queue = new SegmentQueue();
  private waitingSince = 0;
  private waitedSegments = 0;
  private acknowledgedAt = NEVER;

  constructor(
    readonly connection: TcpConnection,
    readonly side: number,
    private readonly context: ReassemblyContext,
  ) {}

  /** True where bytes are missing in front of others, or of the end. */
  get hasHole(): boolean {
    return this.queue.length > 0 || (this.endKnown && before(this.next, this.endAt));
  }

  /** A SYN names the number in front of the first byte. */
  synchronise(initialSequence: number): void {
    const first = (initialSequence + 1) | 0;
    if (this.state !== 'new') {
      if (this.initial === first) return;
      this.restart();
    }
    this.open(first);
  }

  /** True for a SYN that belongs to another connection than the bytes seen so far. */
  contradicts(initialSequence: number): boolean {
    return this.state !== 'new' && this.initial !== ((initialSequence + 1) | 0);
  }

  /** Takes the payload that the walk stands on, `sequence` being the number of its first byte. */
  take(walk: Walk, sequence: number): void {
    const { counters } = this.context;
    const capturedEnd = (sequence + (walk.end - walk.at)) | 0;
    const end = (capturedEnd + walk.missing) | 0;
    if (this.state === 'new') this.open(sequence);
    if (this.state === 'ignored') {
      counters.add('stream_ignored');
      return;
    }
    const ahead = (sequence - this.next) | 0;
    if (!before(this.next, end) && ahead >= -FAR_BYTES) {
      counters.add('tcp_retransmission');
      return;
    }
    if (this.state === 'closed' || ahead > FAR_BYTES || ahead < -FAR_BYTES) {
      // Bytes that were handed on before the end are not handed on again.
      const first = this.state === 'closed' && ahead < 0 && ahead >= -FAR_BYTES ? this.next : sequence;
      this.restart();
      this.open(first);
    } else if (ahead < 0) {
      counters.add('tcp_overlap');
    }
    if (this.queue.length > 0 || before(this.next, sequence)) {
      this.enqueue(walk, sequence);
      return;
    }
    if (before(this.next, capturedEnd)) {
      const from = walk.at + ((this.next - sequence) | 0);
      this.next = capturedEnd;
      this.push(walk.bytes, from, walk.end);
    }
    if (before(this.next, end)) this.lose(end);
    this.closeIfComplete();
  }

  /** FIN or RST: no byte follows sequence number `endAt`. */
  finishAt(endAt: number): void {
    if (this.state === 'closed') return;
    if (this.state !== 'open') {
      this.next = endAt;
      this.close();
      return;
    }
    const ahead = (endAt - this.next) | 0;
    if (ahead < 0 || ahead > FAR_BYTES) return;
    this.endKnown = true;
    this.endAt = endAt;
    if (this.hasHole) this.wait();
    this.closeIfComplete();
  }

  /** The other side has received everything before `sequence`. */
  acknowledge(sequence: number, now: number): void {
    if (this.acknowledgedAt === NEVER && this.hasHole && before(this.next, sequence)) this.acknowledgedAt = now;
  }

  /** Gives up the hole that has been waited for long enough. */
  loseAfterPatience(now: number): void {
    const { limits } = this.context;
    while (
      this.hasHole &&
      (this.waitedSegments > limits.patienceSegments ||
        Math.abs(now - this.waitingSince) >= limits.patienceMilliseconds * 1000 ||
        (this.acknowledgedAt !== NEVER && Math.abs(now - this.acknowledgedAt) >= limits.acknowledgedMilliseconds * 1000))
    )
      this.loseHole();
  }

  /** Gives up the first hole and hands on what stands behind it. */
  loseHole(): void {
    const first = this.queue.first();
    const target = first === undefined ? this.endAt : first.sequence;
    if (before(this.next, target)) this.lose(target);
    this.drain(true);
    this.closeIfComplete();
  }

  /** Hands on what is left, with gaps, and ends. */
  giveUp(): void {
    while (this.hasHole) this.loseHole();
    if (this.state !== 'closed') this.close();
  }

  private open(first: number): void {
    this.state = 'open';
    this.initial = first;
    this.next = first;
  }

  private restart(): void {
    this.giveUp();
    this.connection.reopened();
    this.state = 'new';
    this.endKnown = false;
  }

  private close(): void {
    const { receiver } = this;
    this.receiver = null;
    this.forgetQueue();
    this.endKnown = false;
    this.state = 'closed';
    receiver?.end();
    this.connection.closed();
  }

  private closeIfComplete(): void {
    if (this.endKnown && !before(this.next, this.endAt)) this.close();
  }

  private enqueue(walk: Walk, sequence: number): void {
    const { context } = this;
    const { packet } = context;
    const bytes = Buffer.from(walk.bytes.subarray(walk.at, walk.end));
    const frames = heldFrames(packet);
    const weightBefore = this.queue.weight;
    const added = this.queue.insert(sequence, bytes, walk.missing, bareFrame(packet.frame), frames, heldBytes(frames));
    if (added < bytes.length) context.counters.add(added === 0 ? 'tcp_retransmission' : 'tcp_overlap');
    context.heldBytes += this.queue.weight - weightBefore;
    this.waitedSegments++;
    this.wait();
    this.drain(false);
    while (this.queue.weight > context.limits.bytesPerStream) this.loseHole();
    this.closeIfComplete();
    if (this.queue.length > 0) context.held = true;
  }

  private wait(): void {
    if (this.context.waiting.has(this)) return;
    this.context.waiting.add(this);
    this.beginPatience();
  }

  private beginPatience(): void {
    this.waitingSince = this.context.packet.capturedAt;
    this.waitedSegments = 0;
    this.acknowledgedAt = NEVER;
  }

  /** Hands on the queued segments whose turn has come; after a loss they keep the time at which they were captured. */
  private drain(lost: boolean): void {
    const { packet, frameInHand } = this.context;
    const { capturedAt, frame, kept } = packet;
    let moved = false;
    for (let segment = this.queue.first(); segment !== undefined && !before(this.next, segment.sequence); segment = this.queue.first()) {
      moved = true;
      this.queue.removeFirst();
      this.context.heldBytes -= segment.weight;
      const skip = (this.next - segment.sequence) | 0;
      const end = (segment.sequence + segment.bytes.length) | 0;
      if (lost) packet.capturedAt = segment.capturedAt;
      packet.frame = frameInHand ?? segment.frame;
      packet.kept = segment.frames;
      if (before(this.next, end)) {
        this.next = end;
        this.push(segment.bytes, skip, segment.bytes.length);
      }
      this.loseCut(end, segment.lost);
    }
    packet.capturedAt = capturedAt;
    packet.frame = frame;
    packet.kept = kept;
    if (!this.hasHole) this.context.waiting.delete(this);
    else if (moved) this.beginPatience();
  }

  /** What the snap length cut from a queued segment is lost, but for what another segment brought. */
  private loseCut(end: number, lost: number): void {
    if (lost === 0) return;
    let until = (end + lost) | 0;
    const follower = this.queue.first();
    if (follower !== undefined && before(follower.sequence, until)) until = follower.sequence;
    if (before(this.next, until)) this.lose(until);
  }

  private lose(until: number): void {
    if (this.state !== 'open') return;
    const lost = (until - this.next) | 0;
    this.next = until;
    this.context.counters.add('stream_gap');
    if (this.interested()) this.receiver!.gap(lost, this.context.packet);
  }

  private push(bytes: Buffer, from: number, to: number): void {
    if (!this.interested()) return;
    const { packet } = this.context;
    packet.bytes = bytes;
    packet.from = from;
    packet.to = to;
    this.context.delivered = true;
    if (!this.receiver!.push(bytes, from, to, packet)) this.ignore();
  }

  /** Asks for a receiver before the first byte. */
  private interested(): boolean {
    if (this.receiver !== null) return true;
    if (this.state !== 'open') return false;
    this.receiver = this.context.handler.stream(this.context.packet);
    if (this.receiver === null) this.ignore();
    return this.receiver !== null;
  }

  private ignore(): void {
    this.receiver = null;
    this.state = 'ignored';
    this.forgetQueue();
    this.endKnown = false;
  }

  private forgetQueue(): void {
    this.context.heldBytes -= this.queue.weight;
    this.queue.clear();
    this.context.waiting.delete(this);
  }
}
