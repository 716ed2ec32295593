/** A handler that records what the decoder delivers. */
import type { Frame } from '../../src/lib/base/index.js';
import { FrameDecoder, type DecodeHandler, type DecodeOptions, type Packet, type StreamReceiver } from '../../src/lib/decode/index.js';

export interface Delivered {
  payload: string;
  from: string;
  to: string;
  outer: string;
  protocol: number;
  vlan: number;
  cut: boolean;
  capturedAt: number;
  frame: number;
  /** Numbers of the frames that formed it. */
  frames: number[];
}

export class CollectedStream implements StreamReceiver {
  bytes = Buffer.alloc(0);
  readonly pushes: Delivered[] = [];
  readonly gaps: { at: number; lost: number }[] = [];
  ended = 0;

  constructor(
    readonly name: string,
    private readonly interest: number,
  ) {}

  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    if (this.ended > 0) throw new Error('a push after the end');
    if (from >= to) throw new Error('an empty push');
    if (packet.bytes !== bytes || packet.from !== from || packet.to !== to) throw new Error('the packet does not speak of the bytes');
    if (`${packet.sourceAddress()}:${packet.sourcePort} ${packet.destinationAddress()}:${packet.destinationPort}` !== this.name)
      throw new Error('the packet speaks of another stream');
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(from, to)]);
    this.pushes.push(describe(packet));
    return this.bytes.length < this.interest;
  }

  gap(lost: number): void {
    if (this.ended > 0) throw new Error('a gap after the end');
    if (lost === 0) throw new Error('a gap of nothing');
    this.gaps.push({ at: this.bytes.length, lost });
  }

  end(): void {
    this.ended++;
  }
}

export class Collector implements DecodeHandler {
  readonly datagrams: Delivered[] = [];
  readonly streams: CollectedStream[] = [];
  readonly decoder: FrameDecoder;
  beginsMessage?: (bytes: Buffer, from: number, to: number) => boolean;

  /** Streams lose interest after `interest` bytes; 0 takes no stream. */
  constructor(
    options: DecodeOptions = {},
    private readonly interest = Infinity,
  ) {
    this.decoder = new FrameDecoder(this, options);
  }

  datagram(packet: Packet): void {
    this.datagrams.push(describe(packet));
  }

  stream(packet: Packet): StreamReceiver | null {
    if (this.interest === 0) return null;
    const stream = new CollectedStream(
      `${packet.sourceAddress()}:${packet.sourcePort} ${packet.destinationAddress()}:${packet.destinationPort}`,
      this.interest,
    );
    this.streams.push(stream);
    return stream;
  }

  /** Decodes all; returns the results of `decode`. */
  decode(...frames: Frame[]): number[] {
    return frames.map((each) => this.decoder.decode(each));
  }

  get payloads(): string[] {
    return this.datagrams.map((datagram) => datagram.payload);
  }

  get counts(): Record<string, number> {
    return this.decoder.counters.toJSON();
  }
}

function describe(packet: Packet): Delivered {
  return {
    payload: packet.bytes.latin1Slice(packet.from, packet.to),
    from: `${packet.sourceAddress()} ${packet.sourcePort}`,
    to: `${packet.destinationAddress()} ${packet.destinationPort}`,
    outer: packet.outerSource() === '' ? '' : `${packet.outerSource()} ${packet.outerDestination()}`,
    protocol: packet.protocol,
    vlan: packet.vlan,
    cut: packet.cut,
    capturedAt: packet.capturedAt,
    frame: packet.frame.number,
    frames: packet.frames().map((each) => each.number),
  };
}
