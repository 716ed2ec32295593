/** A classic capture file: little endian, microseconds or nanoseconds, one link type. Layout as in pcap-reader.ts. */
import { hasNanoseconds, type Frame } from '../base/index.js';
import { PCAP_MICROSECONDS, PCAP_NANOSECONDS } from './pcap-reader.js';
import type { CaptureWriter } from './writer.js';

const RECORD_HEADER_BYTES = 16;
/** A value that every reader accepts; longer frames are still written completely. */
const SNAP_LENGTH = 262_144;

export class PcapWriter implements CaptureWriter {
  constructor(
    private readonly linkType: number,
    private readonly nanoseconds = false,
  ) {}

  fileHeader(): Buffer {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(this.nanoseconds ? PCAP_NANOSECONDS : PCAP_MICROSECONDS, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(SNAP_LENGTH, 16);
    header.writeUInt32LE(this.linkType, 20);
    return header;
  }

  takes(linkType: number): boolean {
    return linkType === this.linkType;
  }

  keepsTime(frame: Frame): boolean {
    return this.nanoseconds || !hasNanoseconds(frame);
  }

  bytesFor(frame: Frame): number {
    return RECORD_HEADER_BYTES + frame.to - frame.from;
  }

  write(frame: Frame, target: Buffer, at: number): number {
    // Four bytes of seconds end in 2106; after that they wrap.
    target.writeUInt32LE(Math.floor(frame.capturedAt / 1e6) % 0x1_0000_0000, at);
    const microseconds = frame.capturedAt % 1e6;
    target.writeUInt32LE(this.nanoseconds ? microseconds * 1000 + Math.max(0, frame.nanoseconds ?? 0) : microseconds, at + 4);
    target.writeUInt32LE(frame.to - frame.from, at + 8);
    target.writeUInt32LE(frame.originalLength, at + 12);
    frame.bytes.copy(target, at + RECORD_HEADER_BYTES, frame.from, frame.to);
    return at + RECORD_HEADER_BYTES + frame.to - frame.from;
  }
}
