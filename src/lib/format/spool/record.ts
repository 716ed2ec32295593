/**
 * One record of a spool segment. All numbers big-endian; the checksum is CRC-32 (ISO 3309) over everything after it,
 * started with the segment's seed, so that a torn, altered or forged record is never accepted.
 *
 *   0  marker, the segment's own   4  checksum   8  payload length   12  type   13  flags   14  zero
 *   16 record number (8)           24 time, microseconds since 1970 (8)           32  payload
 */
import { crc32 } from 'node:zlib';
import { fault, i32, putU16, putU32, u32, type Fault } from '../../base/index.js';
import { putWide, wide } from './wide.js';

export const RECORD_HEADER_BYTES = 32;
/** Larger than any accepted message; bounds what a damaged length can make a reader load. */
export const MAX_RECORD_PAYLOAD = 4 * 1024 * 1024;

/** Type of a record that holds one HEP packet as it travels. */
export const RECORD_HEP_PACKET = 1;

const CHECKSUM_AT = 4;
const LENGTH_AT = 8;
const TYPE_AT = 12;
const FLAGS_AT = 13;
const NUMBER_AT = 16;
const TIME_AT = 24;
/** First byte of every marker: so a run of zeros or text is never searched twice. */
const MARKER_HIGH = 0xa5;

/**
 * What distinguishes the records of one segment from bytes inside a payload. Senders of packets do not know it, so no
 * packet can contain a record that a reader accepts after a torn write.
 */
export interface RecordSeal {
  /** The four bytes that a record begins with, as they are searched for and as a signed number. */
  marker: Buffer;
  markerNumber: number;
  /** What the checksum begins with. */
  seed: number;
}

/** Three bytes of the salt make the marker, four the seed. */
export function sealOf(salt: Buffer): RecordSeal {
  const marker = Buffer.from([MARKER_HIGH, salt[0], salt[1], salt[2]]);
  return { marker, markerNumber: i32(marker, 0), seed: u32(salt, 4) };
}

/** Segments of version 1 had no salt. */
export const UNSALTED: RecordSeal = { marker: Buffer.from([0xa5, 0x53, 0x50, 0x52]), markerNumber: 0xa5535052 | 0, seed: 0 };

export interface SpoolRecord {
  /** Counts the records of one spool, from 1, over all its segments. */
  number: number;
  type: number;
  flags: number;
  /** Microseconds since 1970 when the record was written. */
  recordedAt: number;
  /** Shares memory with the bytes it was read from. */
  payload: Buffer;
}

/** Bytes that a record with that much payload takes. */
export function recordBytes(payloadBytes: number): number {
  return RECORD_HEADER_BYTES + payloadBytes;
}

/** Writes the record at `at` and returns the offset after it; the caller ensures that it fits. */
export function writeRecord(into: Buffer, at: number, record: SpoolRecord, seal: RecordSeal): number {
  const end = at + RECORD_HEADER_BYTES + record.payload.length;
  putU32(into, at, seal.markerNumber);
  putU32(into, at + LENGTH_AT, record.payload.length);
  into[at + TYPE_AT] = record.type;
  into[at + FLAGS_AT] = record.flags;
  putU16(into, at + FLAGS_AT + 1, 0);
  putWide(into, at + NUMBER_AT, record.number);
  putWide(into, at + TIME_AT, record.recordedAt);
  record.payload.copy(into, at + RECORD_HEADER_BYTES);
  putU32(into, at + CHECKSUM_AT, crc32(into.subarray(at + LENGTH_AT, end), seal.seed));
  return end;
}

/** What is wrong with the record at `at`, or null. `cut` means that more bytes than up to `to` are needed. */
export function checkRecord(bytes: Buffer, at: number, to: number, seal: RecordSeal): Fault | null {
  const left = to - at;
  if (left < RECORD_HEADER_BYTES) return fault('cut', 'spool record', at, RECORD_HEADER_BYTES, left);
  if (i32(bytes, at) !== seal.markerNumber) return fault('bad_magic', 'spool record', at);
  const payloadBytes = u32(bytes, at + LENGTH_AT);
  if (payloadBytes > MAX_RECORD_PAYLOAD) return fault('bad_length', 'spool record', at, payloadBytes, left);
  const whole = RECORD_HEADER_BYTES + payloadBytes;
  if (left < whole) return fault('cut', 'spool record', at, whole, left);
  if (crc32(bytes.subarray(at + LENGTH_AT, at + whole), seal.seed) !== u32(bytes, at + CHECKSUM_AT))
    return fault('corrupt', 'spool record', at);
  return null;
}

/** Offset after a record that `checkRecord` found good. */
export function recordEnd(bytes: Buffer, at: number): number {
  return at + RECORD_HEADER_BYTES + u32(bytes, at + LENGTH_AT);
}

/** The record at `at`, which `checkRecord` found good. */
export function readRecord(bytes: Buffer, at: number): SpoolRecord {
  return {
    number: wide(bytes, at + NUMBER_AT),
    type: bytes[at + TYPE_AT],
    flags: bytes[at + FLAGS_AT],
    recordedAt: wide(bytes, at + TIME_AT),
    payload: bytes.subarray(at + RECORD_HEADER_BYTES, recordEnd(bytes, at)),
  };
}
