/** Hands the bytes of one TCP direction on to its receiver: where they stand in the stream, when and in which frame they came. */
import type { Frame } from '../base/index.js';
import { Endpoints } from './endpoints.js';
import type { StreamReceiver } from './handler.js';
import { frameOfNumber } from './held-frames.js';
import type { Packet } from './packet.js';
import type { ReassemblyContext } from './reassembly-context.js';

export class StreamDelivery {
  private receiver: StreamReceiver | null = null;
  private readonly endpoints: Endpoints;
  /** Sequence number behind the last byte that was handed on. */
  private cursor = 0;
  /** Time and frame of the last bytes that were handed on. */
  private handedAt = 0;
  private handedFrame = 0;
  private handedSource = 0;

  constructor(
    packet: Packet,
    private readonly context: ReassemblyContext,
  ) {
    this.endpoints = new Endpoints(packet);
  }

  /** The first byte has this sequence number. */
  begin(first: number): void {
    this.cursor = first;
  }

  /** True where bytes at this sequence number disturb no message that waits for others. */
  goesOnAt(sequence: number): boolean {
    return sequence === this.cursor || this.receiver?.holding !== true;
  }

  /** Hands on bytes that begin at sequence number `position`; false where nobody wants any. */
  handOn(position: number, bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    if (!this.isWanted(packet)) return false;
    if (position !== this.cursor) this.gap(position, packet);
    this.cursor = (position + (to - from)) | 0;
    this.handedAt = packet.capturedAt;
    this.handedFrame = packet.frame.number;
    this.handedSource = packet.frame.sourceIndex;
    packet.bytes = bytes;
    packet.from = from;
    packet.to = to;
    this.context.delivered = true;
    if (this.receiver!.push(bytes, from, to, packet)) return true;
    this.receiver = null;
    return false;
  }

  /** The bytes up to `position` are lost; false where nobody wants those behind. */
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

  /** The shared packet, speaking of this direction; by default at the time of the last bytes that were handed on. */
  describe(frame?: Frame, capturedAt = this.handedAt === 0 ? this.context.now : this.handedAt): Packet {
    const { late, frameInHand } = this.context;
    this.endpoints.describe(late);
    late.frame = frameInHand ?? frame ?? frameOfNumber(this.handedFrame, this.handedSource, this.handedAt);
    late.capturedAt = capturedAt;
    if (frame === undefined) late.kept = [];
    return late;
  }

  private gap(position: number, packet: Packet): void {
    const lost = (position - this.cursor) | 0;
    this.cursor = position;
    this.receiver!.gap(lost, packet);
  }

  /** Asks for a receiver before the first byte. */
  private isWanted(packet: Packet): boolean {
    this.receiver ??= this.context.handler.stream(packet);
    return this.receiver !== null;
  }
}
