/** Delivers the bytes of one TCP direction to its receiver, with their time and frame, and reports gaps. */
import type { Frame } from '../base/index.js';
import type { ConnectionFrames } from './connection-frames.js';
import { Endpoints } from './endpoints.js';
import type { StreamReceiver } from './handler.js';
import { frameOfNumber } from './frame-copies.js';
import type { Packet } from './packet.js';
import type { ReassemblyContext } from './reassembly-context.js';

export class StreamDelivery {
  private receiver: StreamReceiver | null = null;
  private readonly endpoints: Endpoints;
  /** Sequence number after the last delivered byte. */
  private cursor = 0;
  /** Time and frame of the last delivered bytes. */
  private handedAt = 0;
  private handedFrame = 0;
  private handedSource = 0;
  constructor(
    packet: Packet,
    private readonly frames: ConnectionFrames | null,
    private readonly context: ReassemblyContext,
  ) {
    this.endpoints = new Endpoints(packet);
  }

  /** Sets the sequence number of the first byte. */
  begin(first: number): void {
    this.cursor = first;
  }

  /** Time of the last delivered bytes, 0 before any. */
  get lastAt(): number {
    return this.handedAt;
  }

  /** True if bytes at this sequence number do not interrupt an incomplete message. */
  goesOnAt(sequence: number): boolean {
    return sequence === this.cursor || this.receiver?.holding !== true;
  }

  /** Delivers bytes that begin at sequence number `position`; false if nobody wants the stream. */
  handOn(position: number, bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    if (!this.isWanted(packet)) return false;
    packet.connection = this.frames;
    if (position !== this.cursor) this.gap(position, packet);
    this.cursor = (position + (to - from)) | 0;
    this.handedAt = packet.capturedAt;
    this.handedFrame = packet.frame.number;
    this.handedSource = packet.frame.sourceIndex;
    packet.bytes = bytes;
    packet.from = from;
    packet.to = to;
    packet.position = position;
    this.context.delivered = true;
    if (this.receiver!.push(bytes, from, to, packet)) return true;
    this.receiver = null;
    return false;
  }

  /** The bytes up to `position` are lost; false if nobody wants the bytes after them. */
  moveTo(position: number, wasSnapped: boolean): boolean {
    const packet = this.describe();
    packet.cut = wasSnapped;
    if (!this.isWanted(packet)) return false;
    this.gap(position, packet);
    return true;
  }

  end(): void {
    const { receiver } = this;
    this.receiver = null;
    receiver?.end(this.describe());
  }

  /** The shared packet with this direction's endpoints; by default at the time of the last delivered bytes. */
  describe(frame?: Frame, capturedAt = this.handedAt === 0 ? this.context.now : this.handedAt): Packet {
    const { late, frameInHand } = this.context;
    this.endpoints.describe(late);
    late.frame = frameInHand ?? frame ?? frameOfNumber(this.handedFrame, this.handedSource, this.handedAt);
    late.capturedAt = capturedAt;
    late.connection = this.frames;
    late.inHand = frameInHand;
    return late;
  }

  private gap(position: number, packet: Packet): void {
    const lost = (position - this.cursor) | 0;
    this.cursor = position;
    this.receiver!.gap(lost, packet);
  }

  /** Requests a receiver before the first byte. */
  private isWanted(packet: Packet): boolean {
    this.receiver ??= this.context.handler.stream(packet);
    return this.receiver !== null;
  }
}
