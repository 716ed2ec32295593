/**
 * pcapng (draft-ietf-opsawg-pcapng). Every block: type 4, total length 4, body, total length again 4.
 * A section header begins each section and says its byte order; interfaces are described before their
 * packets; blocks that we do not know are passed over by their length.
 */
import { fault, u16, u16le, u32, u32le, type Fault, type Frame } from '../base/index.js';
import { ChunkWindow } from './chunk-window.js';
import { interfaceOptions, microseconds, type TimeUnit } from './pcapng-time.js';
import { MOST_RECORD_BYTES, type CaptureReader } from './reader.js';

export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const PACKET_OBSOLETE = 2;
export const SIMPLE_PACKET = 3;
export const ENHANCED_PACKET = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const BLOCK_HEAD_BYTES = 8;
const BLOCK_LEAST_BYTES = 12;
const SECTION_LEAST_BYTES = 28;
const INTERFACE_LEAST_BYTES = 20;
const PACKET_HEAD_BYTES = 20;
const SIMPLE_HEAD_BYTES = 4;

interface Interface {
  linkType: number;
  snapLength: number;
  unit: TimeUnit;
}

export class PcapngReader implements CaptureReader {
  broken: Fault | null = null;
  bytesThrough = 0;
  private readonly window = new ChunkWindow();
  private littleEndian = true;
  private started = false;
  private interfaces: Interface[] = [];
  private records = 0;
  /** A simple packet has no time of its own: it gets that of the packet before it. */
  private lastTime = 0;

  push(chunk: Buffer): void {
    this.window.push(chunk);
  }

  next(frame: Frame): boolean {
    const { window } = this;
    while (this.broken === null) {
      if (!window.has(BLOCK_LEAST_BYTES)) return false;
      if (!this.started || u32(window.bytes, window.at) === SECTION_HEADER) {
        if (!this.beginSection()) return false;
      }
      const length = this.read32(4);
      if (length < BLOCK_LEAST_BYTES || length % 4 !== 0 || length > MOST_RECORD_BYTES) return this.giveUp('bad_length', 'pcapng block', 4);
      if (!window.has(length)) return false;
      const type = this.read32(0);
      if (this.read32(length - 4) !== length) return this.giveUp('corrupt', 'pcapng block trailer', length - 4);
      const isPacket = this.block(type, length, frame);
      if (this.broken !== null) return false;
      window.at += length;
      if (isPacket) {
        frame.number = ++this.records;
        this.bytesThrough = window.offset();
        return true;
      }
    }
    return false;
  }

  end(): Fault | null {
    if (this.broken !== null) return this.broken;
    const left = this.window.left();
    if (!this.started) return fault('too_short', 'pcapng section header', this.window.offset(), SECTION_LEAST_BYTES, left);
    if (left === 0) return null;
    if (left < BLOCK_HEAD_BYTES) return fault('cut', 'pcapng block', this.window.offset(), BLOCK_HEAD_BYTES, left);
    this.window.has(left);
    return fault('cut', 'pcapng block', this.window.offset(), this.read32(4), left);
  }

  private beginSection(): boolean {
    const { window } = this;
    if (u32(window.bytes, window.at) !== SECTION_HEADER) return this.giveUp('bad_magic', 'pcapng section header', 0);
    const order = u32(window.bytes, window.at + 8);
    this.littleEndian = u32le(window.bytes, window.at + 8) === BYTE_ORDER_MAGIC;
    if (!this.littleEndian && order !== BYTE_ORDER_MAGIC) return this.giveUp('bad_magic', 'pcapng byte order', 8);
    if (this.read32(4) < SECTION_LEAST_BYTES) return this.giveUp('bad_length', 'pcapng section header', 4);
    this.started = true;
    this.interfaces = [];
    return true;
  }

  /** Reads one whole block; true where it was a packet. */
  private block(type: number, length: number, frame: Frame): boolean {
    switch (type) {
      case INTERFACE_DESCRIPTION:
        this.describeInterface(length);
        return false;
      case ENHANCED_PACKET:
        return this.packet(frame, length, this.read32(8));
      case PACKET_OBSOLETE:
        return this.packet(frame, length, this.read16(8));
      case SIMPLE_PACKET:
        return this.simplePacket(frame, length);
      default:
        return false;
    }
  }

  private describeInterface(length: number): void {
    if (length < INTERFACE_LEAST_BYTES) {
      this.giveUp('bad_length', 'pcapng interface description', 4);
      return;
    }
    const { bytes, at } = this.window;
    const unit = interfaceOptions(bytes, at + 16, at + length - 4, this.littleEndian);
    this.interfaces.push({ linkType: this.read16(8), snapLength: this.read32(12), unit });
  }

  private packet(frame: Frame, length: number, index: number): boolean {
    if (length < BLOCK_LEAST_BYTES + PACKET_HEAD_BYTES) return this.giveUp('bad_length', 'pcapng packet', 4);
    const captured = this.read32(20);
    if (captured > length - BLOCK_LEAST_BYTES - PACKET_HEAD_BYTES) return this.giveUp('corrupt', 'pcapng packet length', 20);
    const own = this.interfaces[index];
    if (own === undefined) return this.giveUp('corrupt', 'pcapng interface number', 8);
    this.lastTime = microseconds(this.read32(12), this.read32(16), own.unit);
    this.fill(frame, own.linkType, BLOCK_HEAD_BYTES + PACKET_HEAD_BYTES, captured, this.read32(24));
    return true;
  }

  private simplePacket(frame: Frame, length: number): boolean {
    const own = this.interfaces[0];
    if (length < BLOCK_LEAST_BYTES + SIMPLE_HEAD_BYTES || own === undefined) return this.giveUp('corrupt', 'pcapng simple packet', 4);
    const onWire = this.read32(8);
    const captured = Math.min(onWire, own.snapLength === 0 ? onWire : own.snapLength, length - BLOCK_LEAST_BYTES - SIMPLE_HEAD_BYTES);
    this.fill(frame, own.linkType, BLOCK_HEAD_BYTES + SIMPLE_HEAD_BYTES, captured, onWire);
    return true;
  }

  private fill(frame: Frame, linkType: number, dataAt: number, captured: number, onWire: number): void {
    frame.linkType = linkType;
    frame.bytes = this.window.bytes;
    frame.from = this.window.at + dataAt;
    frame.to = frame.from + captured;
    frame.originalLength = Math.max(onWire, captured);
    frame.capturedAt = this.lastTime;
  }

  private read32(offset: number): number {
    return (this.littleEndian ? u32le : u32)(this.window.bytes, this.window.at + offset);
  }

  private read16(offset: number): number {
    return (this.littleEndian ? u16le : u16)(this.window.bytes, this.window.at + offset);
  }

  private giveUp(code: 'bad_length' | 'corrupt' | 'bad_magic', part: string, offset: number): false {
    this.broken = fault(code, part, this.window.offset() + offset);
    return false;
  }
}

