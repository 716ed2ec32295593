/**
 * The classic capture file (libpcap savefile). File header: magic 4, version 2+2, zone 4, accuracy 4,
 * snap length 4, link type 4. Record header: seconds 4, fraction 4, captured length 4, length on the wire 4;
 * the "modified" kind adds 8 bytes (interface index, protocol, packet type). Byte order is the writer's.
 */
import { fault, u32, u32le, type Fault, type Frame } from '../base/index.js';
import { ChunkWindow } from './chunk-window.js';
import { MOST_RECORD_BYTES, type CaptureReader } from './reader.js';

const FILE_HEADER_BYTES = 24;
const LINK_TYPE_AT = 20;
const RECORD_HEADER_BYTES = 16;
const MODIFIED_RECORD_HEADER_BYTES = 24;

/** Magic numbers as read in the file's own byte order. */
export const PCAP_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_NANOSECONDS = 0xa1b23c4d;
export const PCAP_MODIFIED = 0xa1b2cd34;

export class PcapReader implements CaptureReader {
  broken: Fault | null = null;
  bytesThrough = 0;
  private readonly window = new ChunkWindow();
  private headerRead = false;
  private littleEndian = true;
  private nanoseconds = false;
  private recordHeaderBytes = RECORD_HEADER_BYTES;
  private linkType = 0;
  private records = 0;

  push(chunk: Buffer): void {
    this.window.push(chunk);
  }

  next(frame: Frame): boolean {
    if (this.broken !== null) return false;
    if (!this.headerRead && !this.readHeader()) return false;
    const { window } = this;
    if (!window.has(this.recordHeaderBytes)) return false;
    const { bytes, at } = window;
    const read = this.littleEndian ? u32le : u32;
    const captured = read(bytes, at + 8);
    if (captured > MOST_RECORD_BYTES) {
      this.broken = fault('corrupt', `pcap record ${this.records + 1}`, window.offset() + 8, captured, window.left() - this.recordHeaderBytes);
      return false;
    }
    if (!window.has(this.recordHeaderBytes + captured)) return false;
    const from = window.at + this.recordHeaderBytes;
    const header = window.at;
    const fraction = read(window.bytes, header + 4);
    frame.linkType = this.linkType;
    frame.bytes = window.bytes;
    frame.from = from;
    frame.to = from + captured;
    frame.originalLength = Math.max(read(window.bytes, header + 12), captured);
    frame.capturedAt = read(window.bytes, header) * 1e6 + (this.nanoseconds ? Math.floor(fraction / 1000) : fraction);
    frame.number = ++this.records;
    window.at = from + captured;
    this.bytesThrough = window.base + window.at;
    return true;
  }

  end(): Fault | null {
    if (this.broken !== null) return this.broken;
    const left = this.window.left();
    if (!this.headerRead) return fault('too_short', 'pcap file header', this.window.offset(), FILE_HEADER_BYTES, left);
    if (left === 0) return null;
    if (left < this.recordHeaderBytes) return fault('cut', `pcap record header ${this.records + 1}`, this.window.offset(), this.recordHeaderBytes, left);
    this.window.has(left);
    const needed = (this.littleEndian ? u32le : u32)(this.window.bytes, this.window.at + 8);
    return fault('cut', `pcap record ${this.records + 1}`, this.window.offset() + this.recordHeaderBytes, needed, left - this.recordHeaderBytes);
  }

  private readHeader(): boolean {
    const { window } = this;
    if (!window.has(FILE_HEADER_BYTES)) return false;
    const big = u32(window.bytes, window.at);
    const little = u32le(window.bytes, window.at);
    this.littleEndian = isMagic(little);
    const magic = this.littleEndian ? little : big;
    if (!isMagic(magic)) {
      this.broken = fault('bad_magic', 'pcap file header', window.offset());
      return false;
    }
    this.nanoseconds = magic === PCAP_NANOSECONDS;
    if (magic === PCAP_MODIFIED) this.recordHeaderBytes = MODIFIED_RECORD_HEADER_BYTES;
    // The upper bits hold the length of a frame check sequence, not the link type.
    this.linkType = (this.littleEndian ? u32le : u32)(window.bytes, window.at + LINK_TYPE_AT) & 0x0fffffff & 0xffff;
    window.at += FILE_HEADER_BYTES;
    this.bytesThrough = window.offset();
    this.headerRead = true;
    return true;
  }
}

function isMagic(value: number): boolean {
  return value === PCAP_MICROSECONDS || value === PCAP_NANOSECONDS || value === PCAP_MODIFIED;
}
