/**
 * Messages as transferred between threads: numbers in one array, each text once, bytes in one buffer. Cloning objects member
 * by member would cost ten times as much as decoding.
 */
import { NO_FRAMES, NO_STREAM, type Frame, type HepEnvelope, type Message } from '../../base/index.js';

export interface PackedMessages {
  count: number;
  numbers: Float64Array;
  texts: string[];
  bytes: ArrayBuffer;
}

const FIRST_BYTES = 64 * 1024;
/** A stream is two numbers of 32 bits. */
const HALF = 32n;
const LOW_HALF = 0xffffffffn;
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

export class MessagePacker {
  private count = 0;
  private numbers: number[] = [];
  private texts: string[] = [];
  private readonly places = new Map<string, number>();
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private used = 0;

  /** `order` is the order of the frame that completed it. */
  add(order: number, message: Message): void {
    const { numbers } = this;
    this.count++;
    numbers.push(
      order,
      message.capturedAt,
      this.text(message.sourceAddress),
      message.sourcePort,
      this.text(message.destinationAddress),
      message.destinationPort,
      message.protocol,
      message.family,
      message.payloadType,
      message.captureId,
      this.text(message.captureName),
      this.text(message.correlationId),
      message.vlan,
      this.text(message.outerSource),
      this.text(message.outerDestination),
      message.frameNumber,
      message.sourceIndex,
      Number(message.stream >> HALF),
      Number(message.stream & LOW_HALF),
      message.sequence,
    );
    this.copy(message.payload, 0, message.payload.length);
    const { envelope } = message;
    numbers.push(envelope === null ? 0 : envelope.version);
    if (envelope !== null) {
      this.copy(envelope.bytes, 0, envelope.bytes.length);
      numbers.push(
        this.text(envelope.peerAddress),
        envelope.peerPort,
        this.text(envelope.localAddress),
        envelope.localPort,
        TRANSPORTS.indexOf(envelope.transport),
        envelope.isIdentified ? 1 : 0,
      );
    }
    numbers.push(message.frames.length);
    for (const frame of message.frames) {
      this.copy(frame.bytes, frame.from, frame.to);
      numbers.push(frame.linkType, frame.originalLength, frame.capturedAt, frame.nanoseconds ?? -1, frame.number, frame.sourceIndex);
    }
  }

  /** What was added since the last call. */
  packed(): PackedMessages {
    const { count, texts, used } = this;
    const packed = { count, numbers: Float64Array.from(this.numbers), texts, bytes: this.bytes.buffer as ArrayBuffer };
    this.count = 0;
    this.numbers = [];
    this.texts = [];
    this.places.clear();
    this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, used));
    this.used = 0;
    return packed;
  }

  private text(text: string): number {
    const known = this.places.get(text);
    if (known !== undefined) return known;
    this.places.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  private copy(bytes: Buffer, from: number, to: number): void {
    if (this.used + to - from > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.used + to - from));
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    this.numbers.push(this.used, this.used + to - from);
    this.used += bytes.copy(this.bytes, this.used, from, to);
  }
}

export class MessageUnpacker {
  /** Order of the next message; Infinity after the last. */
  order: number;
  private at = 0;
  private left: number;
  private readonly numbers: Float64Array;
  private readonly texts: string[];
  private readonly memory: Buffer;

  constructor({ count, numbers, texts, bytes }: PackedMessages) {
    this.left = count;
    this.numbers = numbers;
    this.texts = texts;
    this.memory = Buffer.from(bytes);
    this.order = count > 0 ? numbers[0] : Infinity;
  }

  /** Only if `order` is not Infinity. */
  next(): Message {
    this.at++; // the order
    const message: Message = {
      capturedAt: this.number(),
      sourceAddress: this.text(),
      sourcePort: this.number(),
      destinationAddress: this.text(),
      destinationPort: this.number(),
      protocol: this.number(),
      family: this.number(),
      payloadType: this.number(),
      payload: this.memory,
      captureId: this.number(),
      captureName: this.text(),
      correlationId: this.text(),
      vlan: this.number(),
      outerSource: this.text(),
      outerDestination: this.text(),
      frameNumber: this.number(),
      sourceIndex: this.number(),
      stream: this.stream(),
      sequence: this.number(),
      envelope: null,
      sip: null,
      frames: NO_FRAMES,
    };
    message.payload = this.piece();
    const version = this.number();
    if (version > 0) message.envelope = this.envelope(version);
    const frames = this.number();
    if (frames > 0) message.frames = Array.from({ length: frames }, () => this.frame());
    this.order = --this.left > 0 ? this.numbers[this.at] : Infinity;
    return message;
  }

  /** All that are left. */
  rest(): Message[] {
    const messages: Message[] = [];
    while (this.order !== Infinity) messages.push(this.next());
    return messages;
  }

  private envelope(version: number): HepEnvelope {
    return {
      version,
      bytes: this.piece(),
      peerAddress: this.text(),
      peerPort: this.number(),
      localAddress: this.text(),
      localPort: this.number(),
      transport: TRANSPORTS[this.number()],
      isIdentified: this.number() === 1,
    };
  }

  private frame(): Frame {
    const from = this.number();
    const to = this.number();
    return {
      linkType: this.number(),
      bytes: this.memory,
      from,
      to,
      originalLength: this.number(),
      capturedAt: this.number(),
      nanoseconds: this.number(),
      number: this.number(),
      sourceIndex: this.number(),
    };
  }

  private stream(): bigint {
    const high = this.number();
    const low = this.number();
    return high === 0 && low === 0 ? NO_STREAM : (BigInt(high) << HALF) | BigInt(low);
  }

  private number(): number {
    return this.numbers[this.at++];
  }

  private text(): string {
    return this.texts[this.numbers[this.at++]];
  }

  private piece(): Buffer {
    const from = this.number();
    return this.memory.subarray(from, this.number());
  }
}
