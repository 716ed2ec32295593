/** A pcapng file: one section, little endian, microseconds, an interface for each link type. Layout as in pcapng-reader.ts. */
import type { Frame } from '../base/index.js';
import {
  BLOCK_HEAD_BYTES,
  BLOCK_LEAST_BYTES,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  INTERFACE_LEAST_BYTES,
  MAJOR_VERSION,
  PACKET_HEAD_BYTES,
  SECTION_HEADER,
  SECTION_LEAST_BYTES,
} from './pcapng-block.js';
import type { CaptureWriter } from './writer.js';

export class PcapngWriter implements CaptureWriter {
  /** Link types by interface number. */
  private readonly interfaces: number[] = [];

  fileHeader(): Buffer {
    const header = Buffer.alloc(SECTION_LEAST_BYTES);
    header.writeUInt32LE(SECTION_HEADER, 0);
    header.writeUInt32LE(SECTION_LEAST_BYTES, 4);
    header.writeUInt32LE(BYTE_ORDER_MAGIC, 8);
    header.writeUInt16LE(MAJOR_VERSION, 12);
    // Section 4.1: all ones where the section's length is not known beforehand.
    header.fill(0xff, 16, 24);
    header.writeUInt32LE(SECTION_LEAST_BYTES, 24);
    return header;
  }

  takes(): boolean {
    return true;
  }

  bytesFor(frame: Frame): number {
    return blockBytes(frame) + (this.interfaces.includes(frame.linkType) ? 0 : INTERFACE_LEAST_BYTES);
  }

  /** An enhanced packet block, with its interface's description before it where that is new. */
  write(frame: Frame, target: Buffer, at: number): number {
    let index = this.interfaces.indexOf(frame.linkType);
    let start = at;
    if (index < 0) {
      index = this.interfaces.push(frame.linkType) - 1;
      start = writeInterface(frame.linkType, target, at);
    }
    const length = blockBytes(frame);
    target.writeUInt32LE(ENHANCED_PACKET, start);
    target.writeUInt32LE(length, start + 4);
    target.writeUInt32LE(index, start + 8);
    target.writeUInt32LE(Math.floor(frame.capturedAt / 0x1_0000_0000), start + 12);
    target.writeUInt32LE(frame.capturedAt % 0x1_0000_0000, start + 16);
    target.writeUInt32LE(frame.to - frame.from, start + 20);
    target.writeUInt32LE(frame.originalLength, start + 24);
    const data = start + BLOCK_HEAD_BYTES + PACKET_HEAD_BYTES;
    frame.bytes.copy(target, data, frame.from, frame.to);
    target.fill(0, data + frame.to - frame.from, start + length - 4);
    target.writeUInt32LE(length, start + length - 4);
    return start + length;
  }
}

/** Packet data is padded to 32 bits. */
function blockBytes(frame: Frame): number {
  return BLOCK_LEAST_BYTES + PACKET_HEAD_BYTES + ((frame.to - frame.from + 3) & ~3);
}

/** No options: microseconds are the default; snap length 0 is none. */
function writeInterface(linkType: number, target: Buffer, at: number): number {
  target.fill(0, at, at + INTERFACE_LEAST_BYTES);
  target.writeUInt32LE(INTERFACE_DESCRIPTION, at);
  target.writeUInt32LE(INTERFACE_LEAST_BYTES, at + 4);
  target.writeUInt16LE(linkType, at + 8);
  target.writeUInt32LE(INTERFACE_LEAST_BYTES, at + 16);
  return at + INTERFACE_LEAST_BYTES;
}
