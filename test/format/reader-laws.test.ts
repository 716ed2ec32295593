/** Invariants of every reader and every kind of file, however it is truncated, chunked or damaged. */
import { describe, expect, test } from '@jest/globals';
import { readerFor, sniff } from '../../src/lib/format/index.js';
import { readAll } from './read-all.js';
import { VARIANTS } from './variants.js';

const read = (bytes: Buffer, pieceBytes?: number) => readAll(readerFor(sniff(bytes))!, bytes, pieceBytes);

describe.each(VARIANTS)('%s', (_name, bytes, count) => {
  const whole = read(bytes);

  test('all records, no fault, with offsets that grow through the whole file', () => {
    expect(whole.frames).toHaveLength(count);
    expect(whole.fault).toBeNull();
    expect(whole.frames.map(({ number }) => number)).toEqual(whole.frames.map((_, i) => i + 1));
    let before = 0;
    for (const { through } of whole.frames) {
      expect(through).toBeGreaterThan(before);
      before = through;
    }
    expect(before).toBe(bytes.length);
  });

  test.each([1, 2, 3, 5, 7, 13, 16, 24, 64])('in chunks of %d bytes it reads the same', (pieceBytes) => {
    expect(read(bytes, pieceBytes)).toEqual(whole);
  });

  test('truncated at any length, it gives all complete records and reports where it ends', () => {
    const ends = new Set(whole.frames.map(({ through }) => through));
    let silent = 0;
    for (let length = 4; length < bytes.length; length++) {
      const { frames, fault } = read(bytes.subarray(0, length));
      expect(frames).toEqual(whole.frames.filter(({ through }) => through <= length));
      if (fault === null) silent++;
      else {
        expect(['cut', 'too_short']).toContain(fault.fault);
        expect(fault.left).toBeLessThan(fault.needed);
        expect(fault.atByte + fault.left).toBe(length);
      }
      if (ends.has(length)) expect(fault).toBeNull();
    }
    // Between two whole records or blocks a file simply ends.
    expect(silent).toBeGreaterThanOrEqual(count - 1);
    expect(silent).toBeLessThan(count + 10);
  });

  test('with damaged bits it never throws, never reads out of bounds, and reads the same in chunks', () => {
    const random = seeded(20_261);
    for (let round = 0; round < 400; round++) {
      const damaged = Buffer.from(bytes);
      for (let i = random(4); i >= 0; i--) damaged[random(damaged.length)] ^= 1 << random(8);
      const reader = readerFor(sniff(damaged));
      if (reader === null) continue;
      const { frames, fault } = readAll(reader, damaged);
      const sum = frames.reduce((bytesSeen, { hex }) => bytesSeen + hex.length / 2, 0);
      expect(sum).toBeLessThanOrEqual(damaged.length);
      for (const { capturedAt } of frames) expect(Number.isSafeInteger(capturedAt) && capturedAt >= 0).toBe(true);
      expect(read(damaged, 1 + random(40))).toEqual({ frames, fault });
    }
  });
});

function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
