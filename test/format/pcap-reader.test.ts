import { describe, expect, test } from '@jest/globals';
import { faultText } from '../../src/lib/base/index.js';
import { PcapReader } from '../../src/lib/format/index.js';
import { MICROSECONDS, MODIFIED, NANOSECONDS, pcap, type ByteOrder } from '../rigs/capture-files.js';
import { blankFrame, readAll } from './read-all.js';

const bytes = Buffer.from('a packet');

describe.each<ByteOrder>(['little', 'big'])('pcap, %s endian', (order) => {
  test.each([
    ['microseconds', MICROSECONDS, 654_321, 1_700_000_000_654_321, 48],
    ['nanoseconds, cut to microseconds', NANOSECONDS, 654_321_999, 1_700_000_000_654_321, 48],
    ['modified, with 24 bytes of record header', MODIFIED, 654_321, 1_700_000_000_654_321, 56],
  ])('%s', (_name, magic, fraction, capturedAt, through) => {
    const file = pcap({ order, magic, linkType: 113, records: [{ seconds: 1_700_000_000, fraction, bytes, originalLength: 1500 }] });
    expect(readAll(new PcapReader(), file)).toEqual({
      frames: [{ linkType: 113, capturedAt, number: 1, originalLength: 1500, hex: bytes.toString('hex'), through }],
      fault: null,
    });
  });

  test('the link type is the lower half of its field', () => {
    const file = pcap({ order, linkType: 0x2400_0114, records: [{ seconds: 1, fraction: 0, bytes }] });
    expect(readAll(new PcapReader(), file).frames[0].linkType).toBe(0x0114);
  });

  test('an original length below the captured length is ignored', () => {
    const file = pcap({ order, records: [{ seconds: 1, fraction: 0, bytes, originalLength: 3 }] });
    expect(readAll(new PcapReader(), file).frames[0].originalLength).toBe(bytes.length);
  });

  test.each([16 * 1024 * 1024 + 1, 0x7fff_ffff, 0xffff_ffff])(
    'a record that claims %d bytes is corrupt, the records before it are read',
    (claimed) => {
      const file = pcap({
        order,
        records: [
          { seconds: 1, fraction: 0, bytes },
          { seconds: 2, fraction: 0, bytes, claimed },
        ],
      });
      const { frames, fault } = readAll(new PcapReader(), file);
      expect(frames).toHaveLength(1);
      expect(faultText(fault!)).toBe(`pcap record 2 of ${claimed} bytes: is corrupt (at byte 56)`);
    },
  );
});

test('a file without records is valid', () => {
  expect(readAll(new PcapReader(), pcap())).toEqual({ frames: [], fault: null });
});

test('truncation is reported with its offset', () => {
  const file = pcap({
    records: [
      { seconds: 1, fraction: 0, bytes },
      { seconds: 2, fraction: 0, bytes },
    ],
  });
  const text = (length: number) => faultText(readAll(new PcapReader(), file.subarray(0, length)).fault!);
  expect(text(0)).toBe('pcap file header: is shorter than its fixed part, needs 24 bytes, 0 left (at byte 0)');
  expect(text(23)).toBe('pcap file header: is shorter than its fixed part, needs 24 bytes, 23 left (at byte 0)');
  expect(text(50)).toBe('pcap record 2 header: is cut off, needs 16 bytes, 2 left (at byte 48)');
  expect(text(71)).toBe('pcap record 2: is cut off, needs 8 bytes, 7 left (at byte 64)');
});

test('an unknown magic number is rejected', () => {
  const file = pcap({ magic: 0xa1b2c3d5, records: [{ seconds: 1, fraction: 0, bytes }] });
  expect(readAll(new PcapReader(), file)).toMatchObject({ frames: [], fault: { fault: 'bad_magic', atByte: 0 } });
});

test('records are read in place: only a record across two chunks is copied', () => {
  const file = pcap({ records: Array.from({ length: 9 }, (_, i) => ({ seconds: i, fraction: 0, bytes })) });
  const chunks = [file.subarray(0, 100), file.subarray(100)];
  const reader = new PcapReader();
  const frame = blankFrame();
  const places: number[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    while (reader.next(frame)) places.push(chunks.indexOf(frame.bytes));
  }
  // 24 bytes of header, then 24 for each record: the fourth lies across byte 100.
  expect(places.slice(0, 4)).toEqual([0, 0, 0, -1]);
  // After it the rest of the second chunk is read in place.
  const memory = new Set(chunks.map((chunk) => chunk.buffer));
  expect(places).toHaveLength(9);
  expect(memory.has(frame.bytes.buffer)).toBe(true);
});
