/** IPv4 and IPv6 fragments: every order, repetition, overlap, impossible fragments, and the limits. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERED, FAULT, HELD } from '../../src/lib/decode/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';
import { DATAGRAM, RAW, TEXT, fragment, numbered } from './fragments-rig.js';

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}

const FAMILIES = [
  ['IPv4', make.ipv4Fragments({ id: 77 }, DATAGRAM, 24)],
  ['IPv6', make.ipv6Fragments({ id: 77 }, DATAGRAM, 24)],
] as const;

describe.each(FAMILIES)('%s', (family, fragments) => {
  test('any order gives the datagram, with time and frame of the last fragment to arrive', () => {
    const orders = permutations(numbered(fragments));
    expect(orders.length).toBe(24);
    for (const order of orders) {
      const collector = new Collector();
      expect(collector.decode(...order)).toEqual([HELD, HELD, HELD, DELIVERED]);
      const last = order[3];
      expect(collector.datagrams).toMatchObject([
        { payload: TEXT.latin1Slice(), frame: last.number, capturedAt: last.capturedAt, cut: false, frames: [] },
      ]);
      expect(collector.counts).toEqual({});
      expect(collector.decoder.held()).toMatchObject({ datagrams: 0, datagramBytes: 0 });
    }
  });

  test('the frames of all fragments are kept, as copies', () => {
    const collector = new Collector({ keepFrames: true });
    const frames = numbered(fragments);
    for (const frame of frames) {
      collector.decode(frame);
      // The source uses its record again.
      frame.number = 0;
    }
    expect(collector.datagrams[0].frames).toEqual([1, 2, 3, 4]);
  });

  test('repeated fragments are counted and change nothing', () => {
    const collector = new Collector();
    collector.decode(...numbered([fragments[0], fragments[0], fragments[2], fragments[3], fragments[2], fragments[1]]));
    expect(collector.payloads).toEqual([TEXT.latin1Slice()]);
    expect(collector.counts).toEqual({ fragment_duplicate: 2 });
  });

  test('fragments of two datagrams are distinguished by identification and addresses', () => {
    const other = make.udp({}, Buffer.from(TEXT.latin1Slice().replace('INVITE', 'CANCEL')));
    const mixed =
      family === 'IPv4'
        ? [...make.ipv4Fragments({ id: 78 }, other, 24), ...make.ipv4Fragments({ id: 77, source: '127.0.0.9' }, other, 24)]
        : [...make.ipv6Fragments({ id: 78 }, other, 24), ...make.ipv6Fragments({ id: 77, source: '2001:db8::9' }, other, 24)];
    const collector = new Collector();
    collector.decode(...numbered([0, 1, 2, 3].flatMap((i) => [fragments[i], mixed[i], mixed[i + 4]])));
    expect(collector.payloads).toEqual([TEXT, other.subarray(8), other.subarray(8)].map((text) => text.latin1Slice()));
  });

  test('incomplete datagrams expire by age, and at the end', () => {
    const age = family === 'IPv4' ? 30e6 : 60e6;
    const collector = new Collector();
    collector.decode(...numbered(fragments.slice(0, 2)));
    collector.decoder.expire(1e15 + age);
    expect(collector.counts).toEqual({});
    collector.decoder.expire(1e15 + age + 2);
    expect(collector.counts).toEqual({ fragment_age: 2 });
    collector.decode(...numbered(fragments.slice(0, 3)));
    collector.decoder.finish();
    expect(collector.counts).toEqual({ fragment_age: 5 });
    expect(collector.decoder.held()).toMatchObject({ datagrams: 0, datagramBytes: 0 });
  });

  test('fragments also expire by the time of other packets', () => {
    const collector = new Collector();
    collector.decode(...numbered(fragments.slice(0, 2)));
    collector.decode(make.frame(make.ipv4({}, DATAGRAM), { ...RAW, capturedAt: 1e15 + 100e6 }));
    expect(collector.counts).toEqual({ fragment_age: 2 });
  });

  test('a fragment truncated by the snap length is rejected, unless it is the first: a truncated datagram', () => {
    const collector = new Collector();
    const [first, second, ...rest] = numbered(fragments);
    const results = collector.decode(make.snap(first, fragments[0].length - 1), make.snap(second, fragments[1].length - 1), ...rest);
    expect(results).toEqual([DELIVERED, FAULT, HELD, HELD]);
    expect(collector.datagrams).toMatchObject([{ payload: TEXT.latin1Slice(0, 15), cut: true }]);
    expect(collector.counts).toEqual({ cut_by_snap_length: 1, cut: 1 });
  });

  test('a datagram whose tail is missing is delivered as far as it is known, with its own endpoints and time', () => {
    const collector = new Collector({ keepFrames: true });
    const frames = numbered([fragments[0], fragments[1], fragments[3]]);
    collector.decode(...frames, make.frame(make.ipv4({ source: '127.7.7.7' }, DATAGRAM), { ...RAW, capturedAt: 1e15 + 61e6, number: 9 }));
    expect(collector.datagrams).toMatchObject([
      {
        payload: TEXT.latin1Slice(0, 40),
        cut: true,
        from: family === 'IPv4' ? '127.0.0.1 5060' : '2001:db8::1 5060',
        to: family === 'IPv4' ? '127.0.0.2 5080' : '2001:db8::2 5080',
        frame: 9,
        capturedAt: frames[2].capturedAt,
        frames: [1, 2, 3, 9],
      },
      { from: '127.7.7.7 5060', cut: false },
    ]);
    expect(collector.counts).toEqual({ fragment_age: 3 });
  });
});

describe('overlap', () => {
  const a = Buffer.concat([make.udp({ length: 8 + 32 }, Buffer.alloc(0)), Buffer.alloc(16, 'a')]);

  test('with the same bytes fills the gap', () => {
    const collector = new Collector();
    collector.decode(
      ...numbered([fragment(0, true, a), fragment(32, false, Buffer.alloc(8, 'a')), fragment(16, true, Buffer.alloc(24, 'a'))]),
    );
    expect(collector.payloads).toEqual(['a'.repeat(32)]);
    expect(collector.counts).toEqual({ fragment_overlap: 1 });
  });

  test('with other bytes means another datagram of the same identification: the two are never mixed', () => {
    const collector = new Collector();
    const stale = Buffer.from(a);
    stale.fill('s', 8);
    const tail = fragment(24, false, Buffer.alloc(16, 'b'));
    collector.decode(...numbered([fragment(0, true, stale), fragment(0, true, a), tail]));
    expect(collector.datagrams.map(({ payload, cut }) => [payload, cut])).toEqual([
      ['s'.repeat(16), true],
      ['a'.repeat(16) + 'b'.repeat(16), false],
    ]);
    expect(collector.counts).toEqual({ fragment_id_reused: 1 });
  });

  test('with a first fragment that waited for seconds needs a valid checksum, and later is not used', () => {
    const whole = make.udpPacket({}, Buffer.alloc(32, 'w')).subarray(20);
    for (const [seconds, good, expected] of [
      [3, true, ['w'.repeat(32)]],
      [3, false, ['w'.repeat(16)]],
      [6, true, ['w'.repeat(16)]],
    ] as const) {
      const collector = new Collector();
      const tail = Buffer.from(whole.subarray(24));
      if (!good) tail.fill('x');
      collector.decode(
        ...numbered([fragment(0, true, whole.subarray(0, 24))]),
        ...numbered([fragment(24, false, tail)], 1e15 + seconds * 1e6),
      );
      expect(collector.payloads).toEqual(expected);
    }
  });

  test('with a tail that contradicts the UDP length delivers only the head', () => {
    const whole = make.udpPacket({}, Buffer.alloc(40, 'w')).subarray(20);
    for (const tailBytes of [8, 32]) {
      const collector = new Collector({ keepFrames: true });
      collector.decode(...numbered([fragment(0, true, whole.subarray(0, 24)), fragment(24, false, Buffer.alloc(tailBytes, 'x'))]));
      expect(collector.datagrams).toMatchObject([{ payload: 'w'.repeat(16), cut: true, frames: [1, 2] }]);
      expect(collector.counts).toMatchObject({ bad_fragment: 1 });
    }
  });

  test('a fragment that spans several islands fills the gaps', () => {
    const collector = new Collector();
    collector.decode(
      ...numbered([
        fragment(8, true, Buffer.alloc(8, 'x')),
        fragment(24, true, Buffer.alloc(8, 'x')),
        fragment(0, true, Buffer.concat([make.udp({ length: 48 }, Buffer.alloc(0)), Buffer.alloc(32, 'x')])),
        fragment(40, false, Buffer.alloc(8, '3')),
      ]),
    );
    expect(collector.payloads).toEqual(['x'.repeat(32) + '3'.repeat(8)]);
  });

  test('any fragmentation in any order, with repetitions, gives the datagram once, complete', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat({ max: 39 }), { maxLength: 12 }),
        fc.integer(),
        fc.boolean(),
        (eights, cuts, order, v6) => {
          const payload = Buffer.alloc(eights * 8 - 3);
          for (let i = 0; i < payload.length; i++) payload[i] = i * 7;
          const whole = make.udp({}, payload);
          const pieces: [number, number][] = [];
          const edges = [...new Set([0, ...cuts.map((cut) => cut * 8).filter((cut) => cut < whole.length), whole.length])].sort(
            (x, y) => x - y,
          );
          for (let i = 0; i + 1 < edges.length; i++) pieces.push([edges[i], edges[i + 1]]);
          // Larger pieces over the small ones: overlaps with the same bytes.
          for (const cut of cuts)
            if (cut * 8 < edges[edges.length - 1] && pieces.length > 2)
              pieces.push([edges[cut % (edges.length - 2)], edges[edges.length - 2]]);
          if (pieces.length < 2) return;
          pieces.sort((x, y) => ((x[0] * 31 + x[1] * 17 + order) % 97) - ((y[0] * 31 + y[1] * 17 + order) % 97));
          const packets = pieces.map(([from, to]) => {
            const more = to < whole.length;
            const bytes = whole.subarray(from, to);
            return v6
              ? make.ipv6(
                  { nextHeader: make.IP_FRAGMENT },
                  make.ipv6FragmentHeader({ nextHeader: make.IP_UDP, offset: from, more, id: 3 }, bytes),
                )
              : make.ipv4({ id: 3, offset: from, more }, bytes);
          });
          const collector = new Collector();
          collector.decode(...numbered(packets));
          expect(collector.payloads[0]).toBe(payload.latin1Slice());
        },
      ),
      { seed: 2, numRuns: 400 },
    );
  });
});

describe('impossible fragments are faults', () => {
  test.each([
    ['beyond 65,535 bytes', [fragment(65_528, false, Buffer.alloc(8))]],
    ['no multiple of 8 with more to follow', [fragment(0, true, Buffer.alloc(9))]],
    ['nothing in it with more to follow', [fragment(8, true, Buffer.alloc(0))]],
  ])('%s', (_, packets) => {
    const collector = new Collector();
    expect(collector.decode(...numbered(packets))).toEqual([FAULT]);
    expect(collector.counts).toEqual({ bad_fragment: 1 });
    expect(collector.decoder.held()).toMatchObject({ datagrams: 0, datagramBytes: 0 });
  });

  test.each([
    ['beyond the last', [fragment(8, false, Buffer.alloc(8)), fragment(16, true, Buffer.alloc(8))]],
    ['a last one before what is there', [fragment(16, true, Buffer.alloc(8)), fragment(8, false, Buffer.alloc(8))]],
    ['two last ones', [fragment(16, false, Buffer.alloc(8)), fragment(8, false, Buffer.alloc(8))]],
  ])('%s', (_, packets) => {
    const collector = new Collector();
    expect(collector.decode(...numbered(packets))).toEqual([HELD, FAULT]);
    expect(collector.counts).toEqual({ bad_fragment: 1 });
  });

  test('the largest possible datagram is reassembled', () => {
    const payload = Buffer.alloc(65_535 - 8 - 20, 'L');
    const collector = new Collector();
    collector.decode(...numbered(make.ipv4Fragments({}, make.udp({}, payload), 1480)));
    expect(collector.payloads[0].length).toBe(payload.length);
  });

  test('fragments of a protocol that is not decoded are not held', () => {
    const collector = new Collector();
    collector.decode(...numbered(make.ipv4Fragments({ protocol: 1 }, DATAGRAM, 24)));
    expect(collector.counts).toEqual({ unknown_protocol: 4 });
    expect(collector.decoder.held()).toMatchObject({ datagrams: 0 });
  });
});
