import { describe, expect, test } from '@jest/globals';
import { Jitter } from '../../src/lib/media/jitter.js';
import { Moments, PIECES } from '../../src/lib/media/moments.js';
import { rtpPayloadAt } from '../../src/lib/media/rtp-header.js';
import { channelDataAt } from '../../src/lib/media/turn.js';
import { DUPLICATE, IN_ORDER, LATE, STRAY, SequenceWindow } from '../../src/lib/media/sequence-window.js';
import { TelephoneEvents } from '../../src/lib/media/telephone-events.js';
import { seeded } from '../rigs/random.js';
import { rtp, telephoneEvent } from '../rigs/rtp.js';

describe('the header', () => {
  const plain = rtp({ sequence: 1, timestamp: 2 });

  test('12 bytes, CSRCs, extension; never out of bounds', () => {
    expect(rtpPayloadAt(plain, 0, plain.length)).toBe(12);
    expect(rtpPayloadAt(plain, 0, 12)).toBe(12);
    expect(rtpPayloadAt(plain, 0, 11)).toBe(-1);
    const sources = Buffer.from(plain);
    sources[0] = 0x83;
    expect(rtpPayloadAt(sources, 0, 24)).toBe(24);
    expect(rtpPayloadAt(sources, 0, 23)).toBe(-1);
    const extended = Buffer.from(plain);
    extended[0] = 0x90;
    extended[15] = 2;
    expect(rtpPayloadAt(extended, 0, 24)).toBe(24);
    expect(rtpPayloadAt(extended, 0, 23)).toBe(-1);
    expect(rtpPayloadAt(extended, 0, 15)).toBe(-1);
  });

  test.each([
    ['STUN', [0x00, 0x01]],
    ['DTLS', [0x16, 0xfe]],
    ['ZRTP', [0x10, 0x00]],
    ['RTCP', [0x80, 200]],
    ['RTCP feedback', [0x81, 206]],
    ['SIP', [0x49, 0x4e]],
  ])('%s is not RTP', (_caption, first) => expect(rtpPayloadAt(Buffer.concat([Buffer.from(first), Buffer.alloc(40)]), 0, 42)).toBe(-1));

  test('TURN channels: the length excludes padding', () => {
    const inner = Buffer.concat([Buffer.from([0x40, 1, 0, plain.length]), plain]);
    expect(channelDataAt(inner, 0, inner.length)).toBe(4);
    expect(channelDataAt(Buffer.concat([inner, Buffer.alloc(3)]), 0, inner.length + 3)).toBe(4);
    expect(channelDataAt(Buffer.concat([inner, Buffer.alloc(4)]), 0, inner.length + 4)).toBe(-1);
    expect(channelDataAt(inner, 0, inner.length - 1)).toBe(-1);
    expect(channelDataAt(plain, 0, plain.length)).toBe(-1);
  });
});

describe('sequence numbers', () => {
  const fed = (...sequences: number[]) => {
    const window = new SequenceWindow();
    return { window, arrivals: sequences.map((sequence) => window.add(sequence)) };
  };

  test('in order, across the 16-bit wrap', () => {
    const { window } = fed(...Array.from({ length: 300 }, (_, i) => (65_400 + i) & 0xffff));
    expect(window).toMatchObject({ received: 300, late: 0, duplicates: 0, strays: 0, restarts: 0 });
    expect(window.losses()).toEqual({ expected: 300, lost: 0, runs: 0, longestRun: 0 });
  });

  test('losses one by one and in a row, inside the window and long past it', () => {
    const all = Array.from({ length: 400 }, (_, i) => i);
    const lost = [10, 20, 21, 22, 23, 100, 395, 396];
    const { window } = fed(...all.filter((i) => !lost.includes(i)));
    expect(window.losses()).toEqual({ expected: 400, lost: 8, runs: 4, longestRun: 4 });
    // A look changes nothing.
    expect(window.losses()).toEqual({ expected: 400, lost: 8, runs: 4, longestRun: 4 });
  });

  test('late, repeated, and late at the very beginning', () => {
    const { window, arrivals } = fed(5, 4, 7, 6, 6, 7, 8);
    expect(arrivals).toEqual([IN_ORDER, LATE, IN_ORDER, LATE, DUPLICATE, DUPLICATE, IN_ORDER]);
    expect(window).toMatchObject({ received: 5, late: 2, duplicates: 2 });
    expect(window.losses()).toMatchObject({ expected: 5, lost: 0 });
  });

  test('a single outlier is ignored; two in a row there restart the sequence', () => {
    const { window, arrivals } = fed(1, 2, 30_000, 3, 4, 40_000, 40_001, 40_003);
    expect(arrivals).toEqual([IN_ORDER, IN_ORDER, STRAY, IN_ORDER, IN_ORDER, STRAY, IN_ORDER, IN_ORDER]);
    expect(window).toMatchObject({ received: 7, strays: 1, restarts: 1 });
    expect(window.losses()).toEqual({ expected: 8, lost: 1, runs: 1, longestRun: 1 });
  });

  test('a packet later than the reorder window is not counted as received', () => {
    const { window } = fed(...Array.from({ length: 100 }, (_, i) => (i === 30 ? 31 : i)).filter((_, i) => i !== 30), 30);
    expect(window).toMatchObject({ received: 99, strays: 1 });
    expect(window.losses().lost).toBe(1);
  });

  test('agrees with a simple model on any input', () => {
    const seed = 20_261_126;
    const random = seeded(seed);
    for (let round = 0; round < 200; round++) {
      const window = new SequenceWindow();
      const start = Math.floor(random() * 65_536);
      const sent = Array.from({ length: 50 + Math.floor(random() * 400) }, (_, i) => i);
      const arrived: number[] = [];
      for (const i of sent) {
        if (random() < 0.1) continue;
        const late = random() < 0.1 ? Math.floor(random() * 8) : 0;
        arrived.splice(Math.max(0, arrived.length - late), 0, i);
        if (random() < 0.05) arrived.push(i);
      }
      if (arrived.length === 0) continue;
      for (const i of arrived) window.add((start + i) & 0xffff);
      const unique = new Set(arrived);
      const [first, last] = [Math.min(...unique), Math.max(...unique)];
      const expected = last - first + 1;
      expect({ seed, round, ...window.losses() }).toMatchObject({ seed, round, expected, lost: expected - unique.size });
      expect(window).toMatchObject({ received: unique.size, duplicates: arrived.length - unique.size });
    }
  });
});

test('jitter: the formula of RFC 3550, by hand', () => {
  const jitter = new Jitter();
  const at = [0, 20, 45, 60, 80];
  at.forEach((ms, i) => jitter.add(1e6 + ms * 1000, i * 160, 8000, true, true));
  // |D| 0, 5, 5, 0: 5/16, then 5/16 + (5 - 5/16)/16, then less a sixteenth.
  const second = 5 / 16 + (5 - 5 / 16) / 16;
  expect(jitter.value).toBeCloseTo(second - second / 16, 9);
  expect(jitter.highest).toBeCloseTo(second, 9);
  expect(jitter.highestAt).toBe(1e6 + 60_000);
  expect(jitter.mean).toBeCloseTo((0 + 5 / 16 + second + (second * 15) / 16) / 4, 9);
});

test('jitter: timestamps wrap, and implausible jumps restart the calculation', () => {
  const jitter = new Jitter();
  [0xffffff60, 0xa0 - 0xa0, 0xa0].forEach((timestamp, i) => jitter.add(1e6 + i * 20_000, timestamp | 0, 8000, true, true));
  expect(jitter.value).toBe(0);
  jitter.add(1e6 + 60_000, 0x40000000, 8000, true, true);
  expect(jitter.value).toBe(0);
  expect(new Jitter().mean).toBeNull();
});

test('telephone events: each digit once, tones counted, up to the limit', () => {
  const events = new TelephoneEvents();
  const add = (event: number, timestamp: number) => {
    const bytes = telephoneEvent(event, 160);
    for (let i = 0; i < 3; i++) events.add(bytes, 0, bytes.length, timestamp);
  };
  [1, 10, 11, 12, 16, 70].forEach((event, i) => add(event, (-i * 1000) | 0));
  expect(events).toMatchObject({ digits: '1*#A!', count: 6 });
  events.add(Buffer.from([1, 2]), 0, 2, 99);
  for (let i = 0; i < 100; i++) add(5, 1000 + i);
  expect(events.digits).toHaveLength(32);
  expect(events.count).toBe(106);
});

describe('time buckets', () => {
  test('buckets of a second, which become wider', () => {
    const moments = new Moments();
    const row = moments.take();
    for (let second = 0; second < PIECES; second++) moments.add(row, second * 1e6, 1, second === 3 ? 2 : 0, second);
    expect(moments.of(row, 1e6)).toHaveLength(PIECES);
    expect(moments.of(row, 1e6)[3]).toEqual({ from: 4e6, packets: 1, lost: 2, jitterMs: 3 });
    moments.add(row, PIECES * 1e6, 1, 0, 0);
    expect(moments.of(row, 0)).toHaveLength(PIECES / 2 + 1);
    expect(moments.of(row, 0)[1]).toEqual({ from: 2e6, packets: 2, lost: 2, jitterMs: 3 });
    moments.add(row, 400 * 24 * 3600e6, 1, 0, 0);
    expect(moments.of(row, 0)[0]).toMatchObject({ packets: PIECES + 1, lost: 2, jitterMs: PIECES - 1 });
  });

  test('a late packet revokes its loss; a reused bucket starts empty', () => {
    const moments = new Moments();
    const row = moments.take();
    moments.add(row, 0, 1, 3, 0);
    moments.add(row, 0, 1, -1, 0);
    expect(moments.of(row, 0)[0]).toMatchObject({ packets: 2, lost: 2 });
    moments.release(row);
    expect(moments.of(moments.take(), 0)).toEqual([]);
  });
});
