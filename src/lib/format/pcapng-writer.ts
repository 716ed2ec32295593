/** A pcapng file: one section, little endian, an interface for each link type and resolution (microseconds, nanoseconds). Layout as in pcapng-reader.ts. */
import { hasNanoseconds, type Frame } from '../base/index.js';
import {
  BLOCK_HEAD_BYTES,
  MIN_BLOCK_BYTES,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  MIN_INTERFACE_BYTES,
  MAJOR_VERSION,
  PACKET_HEAD_BYTES,
  SECTION_HEADER,
  MIN_SECTION_BYTES,
} from './pcapng-block.js';
import type { CaptureWriter } from './writer.js';

const WORD = 0x1_0000_0000;
/** Option if_tsresol (section 4.2) with its value 9, padded, and the end of options. */
const TIME_RESOLUTION = 9;
const NANOSECONDS = 9;
const RESOLUTION_BYTES = 12;
/** Option opt_comment (section 3.5). */
const COMMENT = 1;
const OPTION_HEAD_BYTES = 4;

export class PcapngWriter implements CaptureWriter {
  /** By interface number: the link type, negative (less one) with nanoseconds. */
  private readonly interfaces: number[] = [];

  fileHeader(): Buffer {
    const header = Buffer.alloc(MIN_SECTION_BYTES);
    header.writeUInt32LE(SECTION_HEADER, 0);
    header.writeUInt32LE(MIN_SECTION_BYTES, 4);
    header.writeUInt32LE(BYTE_ORDER_MAGIC, 8);
    header.writeUInt16LE(MAJOR_VERSION, 12);
    // Section 4.1: all ones if the section's length is not known in advance.
    header.fill(0xff, 16, 24);
    header.writeUInt32LE(MIN_SECTION_BYTES, 24);
    return header;
  }

  takes(): boolean {
    return true;
  }

  keepsTime(): boolean {
    return true;
  }

  bytesFor(frame: Frame): number {
    return blockBytes(frame) + (this.interfaces.includes(interfaceOf(frame)) ? 0 : interfaceBytes(hasNanoseconds(frame)));
  }

  /** An enhanced packet block, preceded by its interface's description if that is new. */
  write(frame: Frame, target: Buffer, at: number): number {
    const isFine = hasNanoseconds(frame);
    let index = this.interfaces.indexOf(interfaceOf(frame));
    let start = at;
    if (index < 0) {
      index = this.interfaces.push(interfaceOf(frame)) - 1;
      start = writeInterface(frame.linkType, isFine, target, at);
    }
    const length = blockBytes(frame);
    target.writeUInt32LE(ENHANCED_PACKET, start);
    target.writeUInt32LE(length, start + 4);
    target.writeUInt32LE(index, start + 8);
    // In two halves: a count of nanoseconds does not fit a double.
    const scale = isFine ? 1000 : 1;
    const low = (frame.capturedAt % WORD) * scale + (isFine ? frame.nanoseconds! : 0);
    target.writeUInt32LE(Math.floor(frame.capturedAt / WORD) * scale + Math.floor(low / WORD), start + 12);
    target.writeUInt32LE(low % WORD, start + 16);
    target.writeUInt32LE(frame.to - frame.from, start + 20);
    target.writeUInt32LE(frame.originalLength, start + 24);
    const data = start + BLOCK_HEAD_BYTES + PACKET_HEAD_BYTES;
    frame.bytes.copy(target, data, frame.from, frame.to);
    target.fill(0, data + frame.to - frame.from, start + length - 4);
    if (frame.comment !== undefined) writeComment(frame.comment, target, data + padded(frame.to - frame.from));
    target.writeUInt32LE(length, start + length - 4);
    return start + length;
  }
}

function blockBytes(frame: Frame): number {
  return MIN_BLOCK_BYTES + PACKET_HEAD_BYTES + padded(frame.to - frame.from) + commentBytes(frame.comment);
}

/** The option, and the end of options after it. */
function commentBytes(comment: string | undefined): number {
  return comment === undefined ? 0 : OPTION_HEAD_BYTES + padded(Buffer.byteLength(comment)) + OPTION_HEAD_BYTES;
}

/** The rest of the block is zeros, which end the options. */
function writeComment(comment: string, target: Buffer, at: number): void {
  target.writeUInt16LE(COMMENT, at);
  target.writeUInt16LE(Buffer.byteLength(comment), at + 2);
  target.write(comment, at + OPTION_HEAD_BYTES);
}

/** Packet data and options are padded to 32 bits. */
function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

function interfaceOf(frame: Frame): number {
  return hasNanoseconds(frame) ? -1 - frame.linkType : frame.linkType;
}

function interfaceBytes(isFine: boolean): number {
  return MIN_INTERFACE_BYTES + (isFine ? RESOLUTION_BYTES : 0);
}

/** Microseconds are the default and need no option; snap length 0 means no limit. */
function writeInterface(linkType: number, isFine: boolean, target: Buffer, at: number): number {
  const length = interfaceBytes(isFine);
  target.fill(0, at, at + length);
  target.writeUInt32LE(INTERFACE_DESCRIPTION, at);
  target.writeUInt32LE(length, at + 4);
  target.writeUInt16LE(linkType, at + 8);
  if (isFine) {
    target.writeUInt16LE(TIME_RESOLUTION, at + 16);
    target.writeUInt16LE(1, at + 18);
    target[at + 20] = NANOSECONDS;
  }
  target.writeUInt32LE(length, at + length - 4);
  return at + length;
}
