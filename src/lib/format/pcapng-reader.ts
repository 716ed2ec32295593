/**
 * pcapng (draft-ietf-opsawg-pcapng). Every block (section 3.1): type 4, total length 4, body, total length again 4.
 * A section header begins each section and gives its byte order; interfaces are described before their packets;
 * unknown blocks, including custom ones, are skipped by their length.
 */
import { fault, u16, u16le, u32, u32le, type Fault, type Frame } from '../base/index.js';
import { ChunkWindow } from './chunk-window.js';
import {
  BLOCK_HEAD_BYTES,
  MIN_BLOCK_BYTES,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  MIN_INTERFACE_BYTES,
  MAJOR_VERSION,
  PACKET_HEAD_BYTES,
  PACKET_OBSOLETE,
  SECTION_HEADER,
  MIN_SECTION_BYTES,
  SIMPLE_HEAD_BYTES,
  SIMPLE_PACKET,
} from './pcapng-block.js';
import { interfaceOptions, microseconds, nanoseconds, type TimeUnit } from './pcapng-time.js';
import { MAX_RECORD_BYTES, type CaptureReader } from './reader.js';

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
  /** A simple packet has no time of its own: it gets that of the previous packet. */
  private lastTime = 0;
  private lastNanoseconds = -1;

  push(chunk: Buffer): void {
    this.window.push(chunk);
  }

  next(frame: Frame): boolean {
    const { window } = this;
    while (this.broken === null && window.has(MIN_BLOCK_BYTES)) {
      if ((!this.started || u32(window.bytes, window.at) === SECTION_HEADER) && !this.readByteOrder()) return false;
      const length = this.read32(4);
      if (length < MIN_BLOCK_BYTES || length % 4 !== 0 || length > MAX_RECORD_BYTES)
        return this.giveUp('bad_length', `pcapng block of ${length} bytes`, 4);
      if (!window.has(length)) return false;
      if (this.read32(length - 4) !== length) return this.giveUp('corrupt', 'pcapng block end', length - 4);
      const isPacket = this.readBlock(this.read32(0), length, frame);
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
    const { window } = this;
    const left = window.left();
    if (!this.started) return fault('too_short', 'pcapng section header', window.offset(), MIN_SECTION_BYTES, left);
    if (left === 0) return null;
    if (!window.has(MIN_BLOCK_BYTES)) return fault('cut', 'pcapng block', window.offset(), MIN_BLOCK_BYTES, left);
    return fault('cut', 'pcapng block', window.offset(), this.read32(4), left);
  }

  /** The byte order must be known before the length can be read. */
  private readByteOrder(): boolean {
    const { bytes, at } = this.window;
    if (u32(bytes, at) !== SECTION_HEADER) return this.giveUp('bad_magic', 'pcapng section header', 0);
    this.littleEndian = u32le(bytes, at + 8) === BYTE_ORDER_MAGIC;
    if (!this.littleEndian && u32(bytes, at + 8) !== BYTE_ORDER_MAGIC) return this.giveUp('bad_magic', 'pcapng byte order', 8);
    return true;
  }

  /** Reads one complete block; true if it was a packet. */
  private readBlock(type: number, length: number, frame: Frame): boolean {
    switch (type) {
      case ENHANCED_PACKET:
        return this.packet(frame, length, this.read32(8));
      case PACKET_OBSOLETE:
        return this.packet(frame, length, this.read16(8));
      case SIMPLE_PACKET:
        return this.simplePacket(frame, length);
      case INTERFACE_DESCRIPTION:
        return this.describeInterface(length);
      case SECTION_HEADER:
        return this.beginSection(length);
      default:
        return false;
    }
  }

  private beginSection(length: number): false {
    if (length < MIN_SECTION_BYTES) return this.giveUp('bad_length', 'pcapng section header', 4);
    if (this.read16(12) !== MAJOR_VERSION) return this.giveUp('bad_version', 'pcapng section header', 12);
    this.started = true;
    this.interfaces = [];
    return false;
  }

  private describeInterface(length: number): false {
    if (length < MIN_INTERFACE_BYTES) return this.giveUp('bad_length', 'pcapng interface description', 4);
    const { bytes, at } = this.window;
    const unit = interfaceOptions(bytes, at + 16, at + length - 4, this.littleEndian);
    this.interfaces.push({ linkType: this.read16(8), snapLength: this.read32(12), unit });
    return false;
  }

  private packet(frame: Frame, length: number, index: number): boolean {
    const room = length - MIN_BLOCK_BYTES - PACKET_HEAD_BYTES;
    if (room < 0) return this.giveUp('bad_length', 'pcapng packet', 4);
    const captured = this.read32(20);
    if (captured > room) return this.giveUp('corrupt', `pcapng packet of ${captured} bytes`, 20);
    if (index >= this.interfaces.length) return this.giveUp('corrupt', `pcapng packet of interface ${index}`, 8);
    const own = this.interfaces[index];
    this.lastTime = microseconds(this.read32(12), this.read32(16), own.unit);
    this.lastNanoseconds = nanoseconds(this.read32(12), this.read32(16), own.unit);
    this.fill(frame, own.linkType, BLOCK_HEAD_BYTES + PACKET_HEAD_BYTES, captured, this.read32(24));
    return true;
  }

  private simplePacket(frame: Frame, length: number): boolean {
    const room = length - MIN_BLOCK_BYTES - SIMPLE_HEAD_BYTES;
    if (room < 0) return this.giveUp('bad_length', 'pcapng simple packet', 4);
    if (this.interfaces.length === 0) return this.giveUp('corrupt', 'pcapng simple packet without interface', 0);
    const { linkType, snapLength } = this.interfaces[0];
    const onWire = this.read32(8);
    this.fill(
      frame,
      linkType,
      BLOCK_HEAD_BYTES + SIMPLE_HEAD_BYTES,
      Math.min(onWire, snapLength === 0 ? onWire : snapLength, room),
      onWire,
    );
    return true;
  }

  private fill(frame: Frame, linkType: number, dataAt: number, captured: number, onWire: number): void {
    frame.linkType = linkType;
    frame.bytes = this.window.bytes;
    frame.from = this.window.at + dataAt;
    frame.to = frame.from + captured;
    frame.originalLength = onWire > captured ? onWire : captured;
    frame.capturedAt = this.lastTime;
    frame.nanoseconds = this.lastNanoseconds;
  }

  private read32(offset: number): number {
    const { bytes, at } = this.window;
    return this.littleEndian ? u32le(bytes, at + offset) : u32(bytes, at + offset);
  }

  private read16(offset: number): number {
    const { bytes, at } = this.window;
    return this.littleEndian ? u16le(bytes, at + offset) : u16(bytes, at + offset);
  }

  /** The lengths can no longer be trusted, so nothing after them can be read. */
  private giveUp(code: 'bad_length' | 'corrupt' | 'bad_magic' | 'bad_version', part: string, offset: number): false {
    this.broken = fault(code, part, this.window.offset() + offset);
    return false;
  }
}
