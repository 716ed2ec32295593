/** Spool records and segment headers: round trip, truncated anywhere, altered anywhere. */
import { describe, expect, test } from '@jest/globals';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { isFault } from '../../../src/lib/base/index.js';
import {
  MAX_RECORD_PAYLOAD,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  UNSALTED,
  checkRecord,
  readRecord,
  readSegmentHeader,
  recordBytes,
  recordEnd,
  sealOf,
  segmentFileName,
  segmentNumberOf,
  writeRecord,
  writeSegmentHeader,
  type SpoolRecord,
} from '../../../src/lib/format/spool/index.js';

const seal = sealOf(Buffer.from('0123456789abcdef', 'hex'));

const sample: SpoolRecord = {
  number: 4_294_967_298,
  type: 1,
  flags: 3,
  recordedAt: 1_700_000_000_123_456,
  payload: Buffer.from('HEP3 and so on'),
};

function bytesOf(record: SpoolRecord, at = 0): Buffer {
  const bytes = Buffer.alloc(at + recordBytes(record.payload.length) + 10, 0xa5);
  expect(writeRecord(bytes, at, record, seal)).toBe(at + recordBytes(record.payload.length));
  return bytes;
}

describe('record', () => {
  test.each([0, 1, 10])('round-trips at offset %i', (at) => {
    const bytes = bytesOf(sample, at);
    expect(checkRecord(bytes, at, bytes.length, seal)).toBeNull();
    expect(readRecord(bytes, at)).toEqual(sample);
    expect(recordEnd(bytes, at)).toBe(bytes.length - 10);
  });

  test('has this layout', () => {
    const bytes = bytesOf({ number: 7, type: 1, flags: 0, recordedAt: 0x1_0000_0002, payload: Buffer.from('abc') });
    expect(bytes.subarray(0, 4).toString('hex')).toBe('a5012345');
    expect(bytes.subarray(8, 35).toString('hex')).toBe('00000003' + '0100' + '0000' + '0000000000000007' + '0000000100000002' + '616263');
  });

  test('is not a record of another segment, nor of one without a salt', () => {
    const bytes = bytesOf(sample);
    for (const other of [sealOf(Buffer.from('0123456789abcdee', 'hex')), sealOf(Buffer.from('0023456789abcdef', 'hex')), UNSALTED])
      expect(checkRecord(bytes, 0, bytes.length, other)).not.toBeNull();
  });

  test('truncated at any length is a fault with the number of bytes needed', () => {
    const bytes = bytesOf(sample);
    const whole = recordBytes(sample.payload.length);
    for (let to = 0; to < whole; to++) {
      const found = checkRecord(bytes, 0, to, seal);
      expect(found).toMatchObject({ fault: 'cut', left: to, needed: to < RECORD_HEADER_BYTES ? RECORD_HEADER_BYTES : whole });
    }
  });

  test('with any single bit flipped is invalid', () => {
    const good = bytesOf(sample);
    const whole = recordBytes(sample.payload.length);
    for (let bit = 0; bit < whole * 8; bit++) {
      const bytes = Buffer.from(good);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(checkRecord(bytes, 0, bytes.length, seal)).not.toBeNull();
    }
  });

  test('that declares more than the limit is a fault', () => {
    const bytes = bytesOf(sample);
    bytes.writeUInt32BE(MAX_RECORD_PAYLOAD + 1, 8);
    expect(checkRecord(bytes, 0, bytes.length, seal)).toMatchObject({ fault: 'bad_length' });
  });

  test('random records round-trip', () => {
    const record = fc.record({
      number: fc.maxSafeNat(),
      type: fc.nat(255),
      flags: fc.nat(255),
      recordedAt: fc.maxSafeNat(),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(record, (made) => {
        const bytes = bytesOf(made);
        expect(checkRecord(bytes, 0, bytes.length, seal)).toBeNull();
        expect(readRecord(bytes, 0)).toEqual(made);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('random bytes are never valid and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(checkRecord(Buffer.from(bytes), 0, bytes.length, seal)).not.toBeNull();
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

describe('segment header', () => {
  const header = { firstRecord: 8_589_934_593, createdAt: 1_700_000_000_000_001, salt: Buffer.from('fedcba9876543210', 'hex') };

  test('round-trips', () => {
    expect(readSegmentHeader(writeSegmentHeader(header))).toEqual(header);
    expect(writeSegmentHeader(header)).toHaveLength(SEGMENT_HEADER_BYTES);
  });

  test('of version 1, without a salt, is read', () => {
    const bytes = Buffer.from(
      '5349504341505350' + '0001' + '0024' + '00000000' + '0000000000000007' + '0000000000000009' + '00000000',
      'hex',
    );
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 32)), 32);
    expect(readSegmentHeader(bytes)).toEqual({ firstRecord: 7, createdAt: 9, salt: null });
  });

  test('with any single bit flipped, or truncated, is a fault', () => {
    const good = writeSegmentHeader(header);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Buffer.from(good);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(isFault(readSegmentHeader(bytes))).toBe(true);
    }
    for (let length = 0; length < good.length; length++)
      expect(readSegmentHeader(good.subarray(0, length))).toMatchObject({ fault: 'cut' });
  });

  test('file names contain the number and sort by it', () => {
    expect(segmentFileName(1)).toBe('0000000000000001.spool');
    expect(segmentNumberOf(segmentFileName(123_456_789_012))).toBe(123_456_789_012);
    for (const name of ['acknowledged', 'lock', '1.spool', '0000000000000001.spool.new', 'x0000000000000001.spool'])
      expect(segmentNumberOf(name)).toBe(-1);
  });
});
