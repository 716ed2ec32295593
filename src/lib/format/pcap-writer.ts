/** Bytes of a classic capture file: little endian, microseconds. Layout as in pcap-reader.ts. */
import type { Frame } from '../base/index.js';
import { PCAP_MICROSECONDS } from './pcap-reader.js';

const SNAP_LENGTH = 262_144;

export function pcapFileHeader(linkType: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(PCAP_MICROSECONDS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_LENGTH, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

/** Record header; the frame's bytes follow it. */
export function pcapRecordHeader(frame: Frame): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(frame.capturedAt / 1e6) % 0x1_0000_0000, 0);
  header.writeUInt32LE(frame.capturedAt % 1e6, 4);
  header.writeUInt32LE(frame.to - frame.from, 8);
  header.writeUInt32LE(frame.originalLength, 12);
  return header;
}
