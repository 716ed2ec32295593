/**
 * The first bytes of a spool segment, and its file name. Segments are numbered by their first record,
 * so that their order, and what is missing between them, can be read off the names.
 *
 *   0  magic "SIPCAPSP"   8  version   10  header length   12  zero (4)
 *   16 number of the first record (8)  24 made at, microseconds since 1970 (8)   32  CRC-32 of 0..31
 */
import { crc32 } from 'node:zlib';
import { fault, putU16, putU32, u16, u32, type Fault } from '../../base/index.js';
import { putWide, wide } from './wide.js';

export const SEGMENT_HEADER_BYTES = 36;
const MAGIC = Buffer.from('SIPCAPSP', 'latin1');
const VERSION = 1;
const VERSION_AT = 8;
const HEADER_LENGTH_AT = 10;
const FIRST_RECORD_AT = 16;
const MADE_AT = 24;
const CHECKSUM_AT = 32;

export interface SegmentHeader {
  firstRecord: number;
  /** Microseconds since 1970. */
  madeAt: number;
}

export function writeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  putU16(bytes, VERSION_AT, VERSION);
  putU16(bytes, HEADER_LENGTH_AT, SEGMENT_HEADER_BYTES);
  putWide(bytes, FIRST_RECORD_AT, header.firstRecord);
  putWide(bytes, MADE_AT, header.madeAt);
  putU32(bytes, CHECKSUM_AT, crc32(bytes.subarray(0, CHECKSUM_AT)));
  return bytes;
}

export function readSegmentHeader(bytes: Buffer): SegmentHeader | Fault {
  if (bytes.length < SEGMENT_HEADER_BYTES) return fault('cut', 'spool segment', 0, SEGMENT_HEADER_BYTES, bytes.length);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return fault('bad_magic', 'spool segment');
  if (u16(bytes, VERSION_AT) !== VERSION) return fault('bad_version', 'spool segment', VERSION_AT);
  if (u16(bytes, HEADER_LENGTH_AT) !== SEGMENT_HEADER_BYTES) return fault('bad_header_length', 'spool segment', HEADER_LENGTH_AT);
  if (crc32(bytes.subarray(0, CHECKSUM_AT)) !== u32(bytes, CHECKSUM_AT)) return fault('corrupt', 'spool segment');
  return { firstRecord: wide(bytes, FIRST_RECORD_AT), madeAt: wide(bytes, MADE_AT) };
}

const NAME = /^(\d{16})\.spool$/;

export function segmentFileName(firstRecord: number): string {
  return `${String(firstRecord).padStart(16, '0')}.spool`;
}

/** Number of the first record out of the file's name, or -1 where it is no segment. */
export function segmentNumberOf(fileName: string): number {
  const match = NAME.exec(fileName);
  return match === null ? -1 : Number(match[1]);
}
