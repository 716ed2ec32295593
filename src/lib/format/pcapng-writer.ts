/** Bytes of a pcapng file: one section, little endian, microseconds, an interface for each link type. Layout as in pcapng-reader.ts. */
import type { Frame } from '../base/index.js';
import { BYTE_ORDER_MAGIC, ENHANCED_PACKET, INTERFACE_DESCRIPTION, SECTION_HEADER } from './pcapng-reader.js';

export class PcapngWriter {
  private readonly interfaces: number[] = [];

  fileHeader(): Buffer {
    const header = Buffer.alloc(28);
    header.writeUInt32LE(SECTION_HEADER, 0);
    header.writeUInt32LE(28, 4);
    header.writeUInt32LE(BYTE_ORDER_MAGIC, 8);
    header.writeUInt16LE(1, 12);
    // The section's length is not known beforehand: -1.
    header.fill(0xff, 16, 24);
    header.writeUInt32LE(28, 24);
    return header;
  }

  /** The frame as an enhanced packet block, with its interface's description before it where that is new. */
  packet(frame: Frame): Buffer[] {
    const parts: Buffer[] = [];
    let index = this.interfaces.indexOf(frame.linkType);
    if (index < 0) {
      index = this.interfaces.push(frame.linkType) - 1;
      parts.push(interfaceDescription(frame.linkType));
    }
    const captured = frame.to - frame.from;
    const padding = (4 - (captured % 4)) % 4;
    const length = 32 + captured + padding;
    const head = Buffer.alloc(28);
    head.writeUInt32LE(ENHANCED_PACKET, 0);
    head.writeUInt32LE(length, 4);
    head.writeUInt32LE(index, 8);
    head.writeUInt32LE(Math.floor(frame.capturedAt / 0x1_0000_0000), 12);
    head.writeUInt32LE(frame.capturedAt % 0x1_0000_0000, 16);
    head.writeUInt32LE(captured, 20);
    head.writeUInt32LE(frame.originalLength, 24);
    const tail = Buffer.alloc(padding + 4);
    tail.writeUInt32LE(length, padding);
    parts.push(head, frame.bytes.subarray(frame.from, frame.to), tail);
    return parts;
  }
}

function interfaceDescription(linkType: number): Buffer {
  const block = Buffer.alloc(20);
  block.writeUInt32LE(INTERFACE_DESCRIPTION, 0);
  block.writeUInt32LE(20, 4);
  block.writeUInt16LE(linkType, 8);
  block.writeUInt32LE(20, 16);
  return block;
}
