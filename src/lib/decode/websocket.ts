/**
 * WebSocket frames (RFC 6455 section 5.2) of one direction to messages, however the stream is segmented:
 *   0 FIN 1 bit, RSV1-3, opcode 4 bits, 1 MASK 1 bit, length 7 bits (126: 16 bits follow, 127: 64 bits follow), mask 4, payload
 */
import { GrowingBuffer, StreamLosses, fault, u16, u32, type Fault, type StreamFramer } from '../base/index.js';
import { MessageInflater } from './websocket-inflater.js';

const FIN = 0x80;
/** RFC 7692 section 6: set on the first frame of a compressed message. */
const RSV1 = 0x40;
const RSV2_AND_3 = 0x30;
const OPCODE = 0x0f;
const MASK = 0x80;
const LENGTH = 0x7f;

const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PONG = 10;
/** Section 5.5: control frames are not fragmented and carry at most 125 bytes. */
const LARGEST_CONTROL = 125;
const LONGEST_HEADER = 14;

export interface WebSocketOptions {
  /** Largest message in bytes; larger ones are skipped and reported. */
  maxMessageBytes?: number;
  losses?: StreamLosses;
}

/** `isCut`: the end of the message is missing, `payload` is what came before. Returns false if that is of no use. */
export type OnWebSocketMessage = (payload: Buffer, isCut: boolean) => boolean | void;

export class WebSocketDeframer implements StreamFramer {
  /** True once the stream turned out not to be WebSocket, or was closed: nothing more is read. */
  ended = false;

  readonly losses: StreamLosses;
  private readonly maxBytes: number;
  private readonly header = Buffer.alloc(LONGEST_HEADER);
  private headerFilled = 0;
  private inPayload = false;
  private left = 0;
  private fin = false;
  private control = false;
  private masked = false;
  private maskAt = 0;
  private readonly mask = Buffer.alloc(4);

  private inMessage = false;
  private compressed = false;
  private skipping = false;
  private damaged = false;
  /** The message so far: a view of one whole frame, else gathered bytes. */
  private whole: Buffer | null = null;
  private readonly gathered = new GrowingBuffer();
  /** Bytes of the stream that are not accounted for yet. */
  private pending = 0;
  private readonly inflater: MessageInflater;

  /**
   * `deliver` receives each message without its framing. Masked, fragmented and compressed payloads are copies, others
   * are views of the stream.
   */
  constructor(
    private readonly deliver: OnWebSocketMessage,
    options: WebSocketOptions = {},
  ) {
    this.maxBytes = options.maxMessageBytes ?? 1024 * 1024;
    this.losses = options.losses ?? new StreamLosses();
    this.inflater = new MessageInflater(this.maxBytes);
  }

  /** True between the first and the last byte of a frame or message. */
  get holding(): boolean {
    return !this.ended && (this.headerFilled > 0 || this.inPayload || this.inMessage);
  }

  get heldBytes(): number {
    return this.pending;
  }

  /** Returns the last fault, or null. */
  push(bytes: Buffer, from: number, to: number): Fault | null {
    let wrong: Fault | null = null;
    let at = from;
    while (!this.ended && (at < to || (this.inPayload && this.left === 0))) {
      if (!this.inPayload) {
        this.header[this.headerFilled++] = bytes[at++];
        this.pending++;
        if (this.headerFilled >= 2 && this.headerFilled === this.headerLength()) wrong = this.beginFrame(at - from) ?? wrong;
        continue;
      }
      const length = Math.min(this.left, to - at);
      this.left -= length;
      this.pending += length;
      if (!this.control && !this.skipping && length > 0) this.take(bytes, at, at + length);
      at += length;
      if (this.skipping || this.damaged) this.account(this.damaged ? 'lostInGaps' : 'givenUp');
      if (this.left === 0) wrong = this.endFrame(at - from) ?? wrong;
    }
    if (at < to) this.losses.bytes.skipped += to - at;
    return wrong;
  }

  /** Inside a payload the frame's length bridges the gap; elsewhere the start of the next frame is lost, and this ends. */
  gap(lost: number): void {
    if (this.ended) return;
    const isCovered = this.inPayload && lost >= 0 && lost <= this.left;
    if (!this.control && (this.inMessage || this.headerFilled > 0)) this.damage();
    if (this.compressed || this.headerFilled > 0 || !isCovered) this.inflater.forget();
    if (isCovered) {
      this.left -= lost;
      this.maskAt = (this.maskAt + lost) & 3;
      if (this.left === 0) this.endFrame(0);
    } else {
      this.account('lostInGaps');
      this.ended = true;
    }
  }

  end(): void {
    if (this.holding && this.inMessage && !this.skipping) this.cut('message_unfinished');
    this.account('givenUp');
    this.ended = true;
  }

  /** Resumes with the frame that begins at the next byte; the compression window is lost. */
  resume(): void {
    this.ended = false;
    this.headerFilled = 0;
    this.inPayload = false;
    this.inMessage = false;
    this.skipping = false;
    this.damaged = false;
    this.dropMessage();
    this.inflater.forget();
  }

  private damage(): void {
    if (!this.skipping) this.cut('message_lost_in_gap');
    this.account('lostInGaps');
    this.skipping = true;
    this.damaged = true;
  }

  /** Delivers an incomplete message if it can be read without its end. */
  private cut(reason: string): void {
    const { length } = this.gathered;
    const payload = this.gathered.take();
    if (!this.compressed && length > 0 && this.deliver(payload, true) !== false) this.account('framed');
    else this.losses.messages.add(reason);
  }

  private account(group: 'framed' | 'skipped' | 'lostInGaps' | 'givenUp'): void {
    this.losses.bytes[group] += this.pending;
    this.pending = 0;
  }

  private dropMessage(): void {
    this.whole = null;
    this.gathered.take();
  }

  private headerLength(): number {
    const length = this.header[1] & LENGTH;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((this.header[1] & MASK) !== 0 ? 4 : 0);
  }

  private beginFrame(atByte: number): Fault | null {
    const { header } = this;
    const opcode = header[0] & OPCODE;
    const length = this.payloadLength();
    this.fin = (header[0] & FIN) !== 0;
    this.control = opcode >= CLOSE;
    this.masked = (header[1] & MASK) !== 0;
    this.maskAt = 0;
    if (this.masked) header.copy(this.mask, 0, this.headerFilled - 4, this.headerFilled);
    this.headerFilled = 0;
    this.left = length;
    this.inPayload = true;
    if (this.isJunk(opcode, length)) {
      this.ended = true;
      this.dropMessage();
      this.account('skipped');
      return fault('corrupt', 'websocket frame', atByte);
    }
    if (this.control) {
      this.ended = opcode === CLOSE;
      if (!this.inMessage) this.account('framed');
      return null;
    }
    if (opcode !== CONTINUATION) {
      this.inMessage = true;
      this.skipping = false;
      this.damaged = false;
      this.compressed = (header[0] & RSV1) !== 0;
    }
    const needed = this.gathered.length + length;
    if (this.skipping || needed <= this.maxBytes) return null;
    this.skipping = true;
    this.dropMessage();
    this.account('givenUp');
    this.losses.messages.add('message_too_big');
    // Later messages may refer to it.
    if (this.compressed) this.inflater.forget();
    return fault('too_big', 'websocket message', atByte, needed, this.maxBytes);
  }

  /** Section 5.2: headers that no WebSocket sender may produce. */
  private isJunk(opcode: number, length: number): boolean {
    const flags = this.header[0];
    if ((flags & RSV2_AND_3) !== 0 || length > Number.MAX_SAFE_INTEGER) return true;
    if (opcode >= CLOSE) return opcode > PONG || !this.fin || length > LARGEST_CONTROL || (flags & RSV1) !== 0;
    if (opcode > BINARY) return true;
    // RSV1 on a continuation has no meaning (RFC 7692 section 6.1), but some senders set it.
    if (opcode === CONTINUATION) return !this.inMessage;
    return this.inMessage;
  }

  private payloadLength(): number {
    const short = this.header[1] & LENGTH;
    if (short < 126) return short;
    return short === 126 ? u16(this.header, 2) : u32(this.header, 2) * 0x1_0000_0000 + u32(this.header, 6);
  }

  private take(bytes: Buffer, from: number, to: number): void {
    if (!this.masked && this.left === 0 && this.fin && this.gathered.length === 0) {
      this.whole = bytes.subarray(from, to);
      return;
    }
    const { gathered, mask } = this;
    const begin = gathered.length;
    gathered.append(bytes, from, to, begin + (to - from) + this.left);
    if (!this.masked) return;
    for (let at = begin; at < gathered.length; at++) gathered.bytes[at] ^= mask[(this.maskAt + at - begin) & 3];
    this.maskAt = (this.maskAt + to - from) & 3;
  }

  private endFrame(atByte: number): Fault | null {
    this.inPayload = false;
    if (this.control) {
      if (!this.inMessage) this.account('framed');
      return null;
    }
    if (!this.fin) return null;
    this.inMessage = false;
    if (this.skipping) {
      this.skipping = false;
      this.damaged = false;
      return null;
    }
    let message: Buffer = this.whole ?? this.gathered.take();
    this.whole = null;
    if (this.compressed) {
      const inflated = this.inflater.inflate(message);
      if (inflated === null) {
        this.account('givenUp');
        this.losses.messages.add('decompress_failed');
        return fault('decompress_failed', 'websocket message', atByte);
      }
      message = inflated;
    }
    this.account('framed');
    if (message.length > 0) this.deliver(message, false);
    return null;
  }
}
