/**
 * WebSocket frames (RFC 6455 section 5.2) of one direction to messages, however the stream is cut:
 *   0 FIN 1 bit, RSV1-3, opcode 4 bits, 1 MASK 1 bit, length 7 bits (126: 16 bits follow, 127: 64 bits follow), mask 4, payload
 */
import { fault, u16, u32, type Fault } from '../base/index.js';
import { MessageInflater } from './websocket-inflater.js';

const FIN = 0x80;
/** RFC 7692 section 6: on the first frame of a message it is compressed. */
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
  largestMessage?: number;
}

export class WebSocketDeframer {
  /** True once the stream turned out to be no WebSocket, or was closed: nothing more is read. */
  ended = false;

  private readonly largest: number;
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
  private parts: Buffer[] = [];
  private partBytes = 0;
  private readonly inflater: MessageInflater;

  /**
   * `deliver` is given each message without its framing. Masked, fragmented and compressed payloads are copies,
   * since their bytes do not stand in the stream like that; others are views.
   */
  constructor(
    private readonly deliver: (payload: Buffer) => void,
    options: WebSocketOptions = {},
  ) {
    this.largest = options.largestMessage ?? 1024 * 1024;
    this.inflater = new MessageInflater(this.largest);
  }

  /** True between the first byte of a frame or message and its last. */
  get holding(): boolean {
    return !this.ended && (this.headerFilled > 0 || this.inPayload || this.inMessage);
  }

  /** Reads on; answers the last thing that was wrong, or null. */
  push(bytes: Buffer, from: number, to: number): Fault | null {
    let wrong: Fault | null = null;
    let at = from;
    while (!this.ended && (at < to || (this.inPayload && this.left === 0))) {
      if (!this.inPayload) {
        this.header[this.headerFilled++] = bytes[at++];
        if (this.headerFilled >= 2 && this.headerFilled === this.headerLength()) wrong = this.beginFrame(at - from) ?? wrong;
        continue;
      }
      const length = Math.min(this.left, to - at);
      this.left -= length;
      if (!this.control && !this.skipping && length > 0) this.take(bytes, at, at + length);
      at += length;
      if (this.left === 0) wrong = this.endFrame(at - from) ?? wrong;
    }
    return wrong;
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
      this.parts = [];
      return fault('corrupt', 'websocket frame', atByte);
    }
    if (this.control) {
      this.ended = opcode === CLOSE;
      return null;
    }
    if (opcode !== CONTINUATION) {
      this.inMessage = true;
      this.skipping = false;
      this.compressed = (header[0] & RSV1) !== 0;
    }
    if (this.skipping || this.partBytes + length <= this.largest) return null;
    this.skipping = true;
    this.parts = [];
    const needed = this.partBytes + length;
    this.partBytes = 0;
    return fault('too_big', 'websocket message', atByte, needed, this.largest);
  }

  /** Section 5.2: what no sender of WebSocket may put into a header. */
  private isJunk(opcode: number, length: number): boolean {
    const flags = this.header[0];
    if ((flags & RSV2_AND_3) !== 0 || length > Number.MAX_SAFE_INTEGER) return true;
    if (opcode >= CLOSE) return opcode > PONG || !this.fin || length > LARGEST_CONTROL || (flags & RSV1) !== 0;
    if (opcode > BINARY) return true;
    if (opcode === CONTINUATION) return !this.inMessage || (flags & RSV1) !== 0;
    return this.inMessage;
  }

  private payloadLength(): number {
    const short = this.header[1] & LENGTH;
    if (short < 126) return short;
    return short === 126 ? u16(this.header, 2) : u32(this.header, 2) * 0x1_0000_0000 + u32(this.header, 6);
  }

  private take(bytes: Buffer, from: number, to: number): void {
    const { mask } = this;
    let part = bytes.subarray(from, to);
    if (this.masked) {
      part = Buffer.from(part);
      for (let i = 0; i < part.length; i++) part[i] ^= mask[(this.maskAt + i) & 3];
      this.maskAt = (this.maskAt + part.length) & 3;
    } else if (this.left > 0 || !this.fin) {
      // It has to wait for the rest: not at the cost of the whole buffer that it stands in.
      part = Buffer.from(part);
    }
    this.parts.push(part);
    this.partBytes += part.length;
  }

  private endFrame(atByte: number): Fault | null {
    this.inPayload = false;
    if (this.control || !this.fin) return null;
    const { parts, skipping } = this;
    this.parts = [];
    this.partBytes = 0;
    this.inMessage = false;
    if (skipping) return null;
    let message = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (this.compressed) {
      const inflated = this.inflater.inflate(message);
      if (inflated === null) return fault('decompress_failed', 'websocket message', atByte);
      message = inflated;
    }
    if (message.length > 0) this.deliver(message);
    return null;
  }
}
