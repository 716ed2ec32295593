/**
 * The first bytes of a spool segment, and its file name. Segments are numbered by their first record,
 * so that their order, and what is missing between them, can be read off the names.
 *
 *   0  magic "SIPCAPSP"   8  version   10  header length   12  zero (4)
 *   16 number of the first record (8)  24 created at, microseconds since 1970 (8)
 *   32 salt (8), random                40 CRC-32 of 0..39
 *
 * Version 1 had no salt: its checksum stands at 32. It is still read, see `RecordSeal`.
 */
import { crc32 } from 'node:zlib';
import { fault, ownCopy, putU16, putU32, u16, u32, type Fault } from '../../base/index.js';
import { putWide, wide } from './wide.js';

export const SEGMENT_HEADER_BYTES = 44;
export const SALT_BYTES = 8;
const MAGIC = Buffer.from('SIPCAPSP', 'latin1');
const VERSION = 2;
const VERSION_AT = 8;
const HEADER_LENGTH_AT = 10;
const FIRST_RECORD_AT = 16;
const CREATED_AT = 24;
const SALT_AT = 32;
const CHECKSUM_AT = 40;
/** Version 1. */
const UNSALTED_CHECKSUM_AT = 32;
const UNSALTED_HEADER_BYTES = 36;

export interface SegmentHeader {
  firstRecord: number;
  /** Microseconds since 1970. */
  createdAt: number;
  /** Eight random bytes; null in segments of version 1. */
  salt: Buffer | null;
}

export function writeSegmentHeader(header: SegmentHeader & { salt: Buffer }): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  putU16(bytes, VERSION_AT, VERSION);
  putU16(bytes, HEADER_LENGTH_AT, SEGMENT_HEADER_BYTES);
  putWide(bytes, FIRST_RECORD_AT, header.firstRecord);
  putWide(bytes, CREATED_AT, header.createdAt);
  header.salt.copy(bytes, SALT_AT, 0, SALT_BYTES);
  putU32(bytes, CHECKSUM_AT, crc32(bytes.subarray(0, CHECKSUM_AT)));
  return bytes;
}

export function readSegmentHeader(bytes: Buffer): SegmentHeader | Fault {
  if (bytes.length < UNSALTED_HEADER_BYTES) return fault('cut', 'spool segment', 0, UNSALTED_HEADER_BYTES, bytes.length);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return fault('bad_magic', 'spool segment');
  const version = u16(bytes, VERSION_AT);
  if (version !== 1 && version !== VERSION) return fault('bad_version', 'spool segment', VERSION_AT);
  const checksumAt = version === 1 ? UNSALTED_CHECKSUM_AT : CHECKSUM_AT;
  const length = checksumAt + 4;
  if (u16(bytes, HEADER_LENGTH_AT) !== length) return fault('bad_header_length', 'spool segment', HEADER_LENGTH_AT);
  if (bytes.length < length) return fault('cut', 'spool segment', 0, length, bytes.length);
  if (crc32(bytes.subarray(0, checksumAt)) !== u32(bytes, checksumAt)) return fault('corrupt', 'spool segment');
  return {
    firstRecord: wide(bytes, FIRST_RECORD_AT),
    createdAt: wide(bytes, CREATED_AT),
    salt: version === 1 ? null : ownCopy(bytes, SALT_AT, SALT_AT + SALT_BYTES),
  };
}

/** Bytes of the header that was read. */
export function segmentHeaderBytes({ salt }: SegmentHeader): number {
  return salt === null ? UNSALTED_HEADER_BYTES : SEGMENT_HEADER_BYTES;
}

const NAME = /^(\d{16})\.spool$/;

export function segmentFileName(firstRecord: number): string {
  return `${String(firstRecord).padStart(16, '0')}.spool`;
}

/** Number of the first record from the file's name, or -1 where it is not a segment. */
export function segmentNumberOf(fileName: string): number {
  const match = NAME.exec(fileName);
  return match === null ? -1 : Number(match[1]);
}
