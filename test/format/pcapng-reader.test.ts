import { describe as suite, expect, test } from '@jest/globals';
import { faultText } from '../../src/lib/base/index.js';
import { PcapngReader } from '../../src/lib/format/index.js';
import { block, custom, describe, enhanced, long, obsolete, section, simple, type ByteOrder } from '../rigs/capture-files.js';
import { readAll } from './read-all.js';

const bytes = Buffer.from('a packet.');
const hex = bytes.toString('hex');
const read = (...blocks: Buffer[]) => readAll(new PcapngReader(), Buffer.concat(blocks));

suite.each<ByteOrder>(['little', 'big'])('pcapng, %s endian', (order) => {
  const start = Buffer.concat([section(order), describe(order)]);

  test('enhanced packets of several interfaces, each with its link type and time resolution', () => {
    const { frames, fault } = read(
      start,
      describe(order, { linkType: 276, resolution: 9 }),
      describe(order, { linkType: 101, resolution: 0x80 | 10, offset: 1_700_000_000 }),
      enhanced(order, bytes, { index: 0, ticks: 1_700_000_000_000_001n, originalLength: 900 }),
      enhanced(order, bytes, { index: 1, ticks: 1_700_000_000_000_002_999n }),
      enhanced(order, bytes, { index: 2, ticks: 512n }),
    );
    expect(fault).toBeNull();
    expect(frames.map(({ linkType, capturedAt, number, originalLength }) => [linkType, capturedAt, number, originalLength])).toEqual([
      [1, 1_700_000_000_000_001, 1, 900],
      [276, 1_700_000_000_000_002, 2, 9],
      [101, 1_700_000_000_500_000, 3, 9],
    ]);
    expect(new Set(frames.map((frame) => frame.hex))).toEqual(new Set([hex]));
  });

  test('obsolete packets have their interface in 16 bits', () => {
    const { frames, fault } = read(start, describe(order, { linkType: 113 }), obsolete(order, bytes, { index: 1, ticks: 77n }));
    expect([frames, fault]).toMatchObject([[{ linkType: 113, capturedAt: 77, hex }], null]);
  });

  test('simple packets take the first interface, its snap length and the previous time', () => {
    const { frames, fault } = read(
      section(order),
      describe(order, { linkType: 113, snapLength: 4 }),
      enhanced(order, bytes.subarray(0, 4), { ticks: 88n }),
      simple(order, bytes.subarray(0, 4), 9),
    );
    expect(fault).toBeNull();
    expect(frames[1]).toMatchObject({ linkType: 113, capturedAt: 88, originalLength: 9, hex: bytes.toString('hex', 0, 4) });
  });

  test('a simple packet ends at its own length, not at the padding', () => {
    expect(read(start, simple(order, bytes)).frames).toMatchObject([{ hex }]);
  });

  test('unknown blocks are skipped', () => {
    const { frames, fault } = read(
      section(order),
      custom(order),
      describe(order),
      block(order, 0x7fff_0001, Buffer.alloc(40)),
      enhanced(order, bytes),
      block(order, 10, Buffer.from('secrets')),
    );
    expect([frames.length, fault]).toEqual([1, null]);
  });

  test('a new section resets the interfaces, and may have the other byte order', () => {
    const other = order === 'little' ? 'big' : 'little';
    const { frames, fault } = read(
      start,
      enhanced(order, bytes),
      section(other),
      describe(other, { linkType: 101 }),
      enhanced(other, bytes, { ticks: 5n }),
    );
    expect([frames, fault]).toMatchObject([[{ linkType: 1 }, { linkType: 101, capturedAt: 5, number: 2 }], null]);
    expect(read(start, section(other), enhanced(other, bytes)).fault).toMatchObject({ fault: 'corrupt' });
  });

  test.each<[string, Buffer, string]>([
    [
      'a length below the least',
      block(order, 6, bytes, { first: 8 }),
      'pcapng block of 8 bytes: declares an impossible length (at byte START+4)',
    ],
    ['an odd length', block(order, 6, bytes, { first: 25 }), 'pcapng block of 25 bytes: declares an impossible length (at byte START+4)'],
    [
      'a length beyond the limit',
      block(order, 6, bytes, { first: 0xffff_fff0 }),
      'pcapng block of 4294967280 bytes: declares an impossible length (at byte START+4)',
    ],
    ['two lengths', block(order, 5, bytes, { last: 28 }), 'pcapng block end: is corrupt (at byte START+20)'],
    ['more packet than block', enhanced(order, bytes, { claimed: 13 }), 'pcapng packet of 13 bytes: is corrupt (at byte START+20)'],
    [
      'an interface that was not described',
      enhanced(order, bytes, { index: 1 }),
      'pcapng packet of interface 1: is corrupt (at byte START+8)',
    ],
    ['a packet without room for its head', block(order, 6, bytes), 'pcapng packet: declares an impossible length (at byte START+4)'],
    [
      'a simple packet without its length',
      block(order, 3, Buffer.alloc(0)),
      'pcapng simple packet: declares an impossible length (at byte START+4)',
    ],
    [
      'an interface without its link type',
      block(order, 1, Buffer.alloc(4)),
      'pcapng interface description: declares an impossible length (at byte START+4)',
    ],
    ['a section of another major version', section(order, 2), 'pcapng section header: has an unknown version (at byte START+12)'],
    [
      'a section without a byte order',
      block(order, 0x0a0d0d0a, Buffer.alloc(16)),
      'pcapng byte order: does not start with a known magic number (at byte START+8)',
    ],
    [
      'a section that is too short',
      block(order, 0x0a0d0d0a, long(0x1a2b3c4d, order)),
      'pcapng section header: declares an impossible length (at byte START+4)',
    ],
  ])('%s ends the file with the offset, after the blocks before it', (_name, bad, text) => {
    const before = Buffer.concat([start, enhanced(order, bytes)]);
    const { frames, fault } = read(before, bad, enhanced(order, bytes));
    expect(frames).toHaveLength(1);
    expect(faultText(fault!)).toBe(text.replace(/START\+(\d+)/, (_all, offset) => String(before.length + Number(offset))));
  });

  test('a simple packet without any interface', () => {
    expect(read(section(order), simple(order, bytes)).fault).toMatchObject({ fault: 'corrupt', atByte: 28 });
  });

  test('an interface without options keeps the default time resolution', () => {
    const broken = block(order, 1, Buffer.concat([Buffer.alloc(8), Buffer.from([0, 9, 0, 200, 9, 0, 200, 0])]));
    expect(read(section(order), broken, enhanced(order, bytes, { ticks: 99n })).frames).toMatchObject([{ capturedAt: 99 }]);
  });
});

test('a file that is not pcapng', () => {
  expect(read(Buffer.from('no capture file at all'))).toMatchObject({ frames: [], fault: { fault: 'bad_magic', atByte: 0 } });
});

suite('time', () => {
  const at = (resolution: number, ticks: bigint, offset?: number) =>
    read(section('little'), describe('little', { resolution, offset }), enhanced('little', bytes, { ticks })).frames[0].capturedAt;

  test.each([
    ['seconds', 0, 1_700_000_000n, 1_700_000_000_000_000],
    ['milliseconds', 3, 1_700_000_000_123n, 1_700_000_000_123_000],
    ['microseconds', 6, 1_700_000_000_123_456n, 1_700_000_000_123_456],
    ['tens of nanoseconds', 8, 170_000_000_012_345_678n, 1_700_000_000_123_456],
    ['nanoseconds', 9, 1_700_000_000_123_456_999n, 1_700_000_000_123_456],
    ['picoseconds', 12, 1_700_000_123_456_999_999n, 1_700_000_123_456],
    ['10^-15 seconds', 15, 17_000_001_234_569_999_999n, 17_000_001_234],
    ['halves', 0x81, 3n, 1_500_000],
    ['2^-32 seconds', 0xa0, (5n << 32n) + (1n << 31n), 5_500_000],
    ['2^-127 seconds', 0xff, 0xffff_ffff_ffff_ffffn, 0],
  ])('%s', (_name, resolution, ticks, expected) => {
    expect(at(resolution, ticks)).toBe(expected);
  });

  test('if_tsoffset is in whole seconds, also negative', () => {
    expect(at(6, 7n, 1_700_000_000)).toBe(1_700_000_000_000_007);
    expect(at(6, 5_000_007n, -5)).toBe(7);
  });

  test('times before 1970 or beyond safe integers are clamped', () => {
    expect(at(6, 7n, -5)).toBe(0);
    expect(at(6, 0xffff_ffff_ffff_ffffn)).toBe(Number.MAX_SAFE_INTEGER);
    expect(at(0, 0xffff_ffff_ffff_ffffn)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
