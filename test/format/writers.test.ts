import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { PcapReader, PcapWriter, PcapngReader, PcapngWriter, type CaptureWriter } from '../../src/lib/format/index.js';
import { readAll } from './read-all.js';

function frame(text: string, members: Partial<Frame> = {}): Frame {
  const bytes = Buffer.from(`<<${text}>>`);
  return {
    linkType: 1,
    bytes,
    from: 2,
    to: 2 + text.length,
    originalLength: text.length,
    capturedAt: 1_700_000_000_123_456,
    number: 1,
    sourceIndex: 0,
    ...members,
  };
}

/** Everything is written between bytes of something else, which must stay. */
function written(writer: CaptureWriter, frames: readonly Frame[]): Buffer {
  const parts = [writer.fileHeader()];
  for (const item of frames) {
    const bytes = writer.bytesFor(item);
    const target = Buffer.alloc(bytes + 20, 0xa5);
    expect(writer.write(item, target, 10)).toBe(10 + bytes);
    expect(target.subarray(0, 10)).toEqual(Buffer.alloc(10, 0xa5));
    expect(target.subarray(10 + bytes)).toEqual(Buffer.alloc(10, 0xa5));
    parts.push(target.subarray(10, 10 + bytes));
  }
  return Buffer.concat(parts);
}

const FRAMES = [
  frame('one'),
  frame('', { capturedAt: 0 }),
  frame('three', { originalLength: 1500, capturedAt: 1_999_999_999_999_999 }),
  frame('four'),
];
const EXPECTED = FRAMES.map((item, i) => ({
  linkType: 1,
  capturedAt: item.capturedAt,
  number: i + 1,
  originalLength: item.originalLength,
  hex: item.bytes.toString('hex', item.from, item.to),
}));

describe('pcap', () => {
  test('what is written reads back', () => {
    const { frames, fault } = readAll(new PcapReader(), written(new PcapWriter(1), FRAMES));
    expect(fault).toBeNull();
    expect(frames).toMatchObject(EXPECTED);
  });

  test('byte for byte', () => {
    const hex = written(new PcapWriter(113), [frame('ab', { originalLength: 9 })]).toString('hex');
    expect(hex).toBe(`d4c3b2a1020004000000000000000000${'00000400'}71000000${'00f15365'}40e20100${'02000000'}09000000${'6162'}`);
  });

  test('it accepts only its own link type', () => {
    const writer = new PcapWriter(113);
    expect([writer.takes(113), writer.takes(1)]).toEqual([true, false]);
  });

  test('seconds beyond 2106 wrap', () => {
    const late = frame('late', { capturedAt: (0x1_0000_0000 + 7) * 1e6 + 5 });
    expect(readAll(new PcapReader(), written(new PcapWriter(1), [late])).frames[0].capturedAt).toBe(7_000_005);
  });
});

describe('pcapng', () => {
  test('what is written reads back, with any link types', () => {
    const mixed = FRAMES.map((item, i) => ({ ...item, linkType: [1, 113, 1, 276][i] }));
    const { frames, fault } = readAll(new PcapngReader(), written(new PcapngWriter(), mixed));
    expect(fault).toBeNull();
    expect(frames).toMatchObject(EXPECTED.map((item, i) => ({ ...item, linkType: mixed[i].linkType })));
  });

  test('padding is zero', () => {
    const target = Buffer.alloc(100, 0xa5);
    const writer = new PcapngWriter();
    const end = writer.write(frame('abcde'), target, 0);
    // Interface 20, block and packet heads 28, data 5, padding 3, length 4.
    expect([end, target.toString('hex', 48, 56), target.readUInt32LE(56)]).toEqual([60, '6162636465000000', 40]);
  });

  test('an interface is described once', () => {
    const writer = new PcapngWriter();
    const bytes = FRAMES.map((item) => writer.write(item, Buffer.alloc(100), 0));
    expect(bytes).toEqual([20 + 36, 32, 40, 36]);
    expect([writer.bytesFor(FRAMES[0]), writer.bytesFor(frame('x', { linkType: 0 }))]).toEqual([36, 20 + 36]);
  });
});
