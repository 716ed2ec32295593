/**
 * The classic capture file (draft-ietf-opsawg-pcap). File header (section 4): magic 4, version 2+2, reserved 8,
 * snap length 4, link type 4. Record header (section 5): seconds 4, fraction 4, captured length 4, length on the
 * wire 4; the "modified" kind adds 8 bytes (interface, protocol, packet type). Byte order is the writer's.
 */
import { fault, u32, u32le, type Fault, type Frame } from '../base/index.js';
import { ChunkWindow } from './chunk-window.js';
import { MAX_RECORD_BYTES, type CaptureReader } from './reader.js';

const FILE_HEADER_BYTES = 24;
const LINK_TYPE_AT = 20;
/** The upper half of the link type field holds the length of a frame check sequence (section 4). */
const LINK_TYPE_MASK = 0xffff;
const RECORD_HEADER_BYTES = 16;
const MODIFIED_RECORD_HEADER_BYTES = 24;
const FRACTION_AT = 4;
const CAPTURED_AT = 8;
const ON_WIRE_AT = 12;

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
    if (!this.headerRead && !this.readHeader()) return false;
    const { window, recordHeaderBytes, littleEndian } = this;
    if (!window.has(recordHeaderBytes)) return false;
    const length = littleEndian ? u32le(window.bytes, window.at + CAPTURED_AT) : u32(window.bytes, window.at + CAPTURED_AT);
    if (length > MAX_RECORD_BYTES) return this.giveUp(length);
    if (!window.has(recordHeaderBytes + length)) return false;
    const { bytes, at } = window;
    const seconds = littleEndian ? u32le(bytes, at) : u32(bytes, at);
    const fraction = littleEndian ? u32le(bytes, at + FRACTION_AT) : u32(bytes, at + FRACTION_AT);
    const onWire = littleEndian ? u32le(bytes, at + ON_WIRE_AT) : u32(bytes, at + ON_WIRE_AT);
    const from = at + recordHeaderBytes;
    const to = from + length;
    frame.linkType = this.linkType;
    frame.bytes = bytes;
    frame.from = from;
    frame.to = to;
    frame.originalLength = onWire > length ? onWire : length;
    frame.capturedAt = seconds * 1e6 + (this.nanoseconds ? Math.floor(fraction / 1000) : fraction);
    frame.nanoseconds = this.nanoseconds ? fraction % 1000 : -1;
    frame.number = ++this.records;
    window.at = to;
    this.bytesThrough = window.base + to;
    return true;
  }

  end(): Fault | null {
    if (this.broken !== null) return this.broken;
    const { window, recordHeaderBytes } = this;
    const left = window.left();
    if (!this.headerRead) return fault('too_short', 'pcap file header', window.offset(), FILE_HEADER_BYTES, left);
    if (left === 0) return null;
    const part = `pcap record ${this.records + 1}`;
    if (!window.has(recordHeaderBytes)) return fault('cut', `${part} header`, window.offset(), recordHeaderBytes, left);
    const length = (this.littleEndian ? u32le : u32)(window.bytes, window.at + CAPTURED_AT);
    return fault('cut', part, window.offset() + recordHeaderBytes, length, left - recordHeaderBytes);
  }

  private readHeader(): boolean {
    const { window } = this;
    if (this.broken !== null || !window.has(FILE_HEADER_BYTES)) return false;
    this.littleEndian = isPcapMagic(u32le(window.bytes, window.at));
    const read = this.littleEndian ? u32le : u32;
    const magic = read(window.bytes, window.at);
    if (!isPcapMagic(magic)) {
      this.broken = fault('bad_magic', 'pcap file header', window.offset());
      return false;
    }
    this.nanoseconds = magic === PCAP_NANOSECONDS;
    if (magic === PCAP_MODIFIED) this.recordHeaderBytes = MODIFIED_RECORD_HEADER_BYTES;
    this.linkType = read(window.bytes, window.at + LINK_TYPE_AT) & LINK_TYPE_MASK;
    window.at += FILE_HEADER_BYTES;
    this.bytesThrough = window.offset();
    this.headerRead = true;
    return true;
  }

  /** The start of the next record is unknown, so nothing after this one can be read. */
  private giveUp(length: number): false {
    this.broken = fault('corrupt', `pcap record ${this.records + 1} of ${length} bytes`, this.window.offset() + CAPTURED_AT);
    return false;
  }
}

export function isPcapMagic(value: number): boolean {
  return value === PCAP_MICROSECONDS || value === PCAP_NANOSECONDS || value === PCAP_MODIFIED;
}
