/** Which segments are believed: those that the receiver would accept (RFC 9293 section 3.10.7.4, RFC 5961), and of which connection. */
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';

const START = 1e15;
const SCALE_7 = Buffer.from([1, 3, 3, 7]);

interface Members extends make.TcpMembers {
  back?: boolean;
  text?: string;
  vlan?: number;
}

/** A segment from one end or the other, `at` milliseconds after the start. */
function segment(at: number, { back, text, vlan, ...members }: Members): Frame {
  const ends = back === true ? { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: 5080, destinationPort: 5060 } : {};
  const packet = make.ipv4({ ...ends, protocol: make.IP_TCP }, make.tcp({ ...ends, ...members }, Buffer.from(text ?? '')));
  const bytes =
    vlan === undefined ? make.ethernet(make.ETHER_IPV4, packet) : make.ethernet(make.ETHER_VLAN, make.vlan(vlan, make.ETHER_IPV4, packet));
  return make.frame(bytes, { capturedAt: START + at * 1000 });
}

const open = (options: Buffer) => [
  segment(0, { flags: 'S', sequence: 999, options }),
  segment(1, { back: true, flags: 'SA', sequence: 4999, acknowledgement: 1000, options }),
];
const texts = (collector: Collector) => collector.streams.map((stream) => stream.bytes.latin1Slice());

describe('forged or damaged segments on a connection whose receiver is visible', () => {
  /** Thirty bytes, one at a time, each acknowledged; an anomaly after the tenth. */
  function talk(strange: Frame[], options: Buffer = Buffer.alloc(0)): Collector {
    const collector = new Collector();
    collector.beginsMessage = (bytes, from) => bytes[from] !== 74;
    collector.decode(...open(options));
    for (let i = 0; i < 30; i++) {
      collector.decode(segment(100 * i, { sequence: 1000 + i, text: String.fromCharCode(97 + (i % 26)) }));
      collector.decode(segment(100 * i + 20, { back: true, sequence: 5000, acknowledgement: 1001 + i }));
      if (i === 10) collector.decode(...strange);
    }
    collector.decoder.finish();
    return collector;
  }
  const expected = 'abcdefghijklmnopqrstuvwxyzabcd';

  const NONE = Buffer.alloc(0);
  test.each<[string, Frame[], Buffer]>([
    ['data a megabyte ahead', [segment(1030, { sequence: 1_001_000, text: 'JUNK' })], NONE],
    ['data just beyond the window', [segment(1030, { sequence: 1011 + 65_540, text: 'JUNK' })], NONE],
    ['data beyond a scaled window', [segment(1030, { sequence: 1011 + (65_535 << 7) + 9, text: 'JUNK' })], SCALE_7],
    ['data far away', [segment(1030, { sequence: 0x7000_0000, text: 'JUNK' })], NONE],
    ['a reset ahead', [segment(1030, { flags: 'R', sequence: 5000 })], NONE],
    ['resets all over the window', Array.from({ length: 40 }, (_, i) => segment(1030, { flags: 'R', sequence: 1100 + i * 1000 })), NONE],
    ['an end ahead', [segment(1030, { flags: 'FA', sequence: 1_001_000 })], NONE],
    ['an end within the window', [segment(1030, { flags: 'FA', sequence: 1020 })], NONE],
    ['a SYN', [segment(1030, { flags: 'S', sequence: 77_000_000 })], NONE],
  ])('%s', (_name, strange, options) => {
    const collector = talk(strange, options);
    // An end within the window is accepted by a receiver too: what follows is another stream, but nothing is missing.
    expect(texts(collector).join('')).toBe(expected);
    expect(collector.streams.flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  test('data within the window is held, and data in sequence wins', () => {
    const collector = talk([segment(1030, { sequence: 1020, text: 'X' })]);
    // A receiver accepts it too; nothing else is affected.
    expect(texts(collector)).toEqual([expected.slice(0, 20) + 'X' + expected.slice(21)]);
  });
});

describe('a hole', () => {
  const holed = [segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 100, text: 'c' })];

  test('is kept open while the receiver acknowledges only the bytes before it', () => {
    const collector = new Collector();
    collector.decode(...holed);
    for (let at = 100; at < 20_000; at += 100) collector.decode(segment(at, { back: true, sequence: 9, acknowledgement: 1 }));
    expect(texts(collector)).toEqual(['a']);
    collector.decode(segment(20_000, { sequence: 1, text: 'b'.repeat(99) }));
    expect(texts(collector)).toEqual([`a${'b'.repeat(99)}c`]);
    expect(collector.streams[0].gaps).toEqual([]);
  });

  test('is given up by time where no receiver is visible and a message begins after it, else not', () => {
    for (const begins of [true, false]) {
      const collector = new Collector();
      collector.beginsMessage = () => begins;
      collector.decode(...holed, segment(2000, { sequence: 101, text: 'd' }));
      expect(texts(collector)).toEqual([begins ? 'acd' : 'a']);
    }
  });

  test('given up too early: late bytes are delivered once, and are not a retransmission', () => {
    const collector = new Collector();
    collector.decode(...holed, segment(2000, { sequence: 101, text: 'd' }), segment(2001, { sequence: 1, text: 'b'.repeat(99) }));
    collector.decode(segment(2002, { sequence: 1, text: 'b'.repeat(99) }), segment(2003, { sequence: 102, text: 'e' }));
    expect(texts(collector)).toEqual([`acd${'b'.repeat(99)}e`]);
    expect(collector.streams[0].gaps.map(({ lost }) => lost)).toEqual([99, -101, 2]);
    expect(collector.counts).toEqual({ stream_gap: 1, tcp_late: 1, tcp_retransmission: 1 });
  });
});

describe('the same endpoints again', () => {
  test('a reused port pair without a visible SYN: detected at once by a message, by other bytes once they continue', () => {
    const collector = new Collector();
    collector.beginsMessage = (bytes, from) => bytes[from] === 77;
    collector.decode(
      segment(0, { sequence: 0, text: 'Mone' }),
      segment(1, { sequence: 0x4000_0000, text: 'Mtwo' }),
      segment(2, { sequence: 0x7000_0000, text: 'x' }),
      segment(3, { sequence: 0x7000_0001, text: 'yz' }),
    );
    expect(texts(collector)).toEqual(['Mone', 'Mtwo', 'yz']);
  });

  test('a segment before the first one that was seen', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 103, text: 'def' }),
      segment(1, { sequence: 100, text: 'abc' }),
      segment(2, { sequence: 106, text: 'g' }),
    );
    expect(texts(collector)).toEqual(['defabcg']);
  });

  test.each([true, false])('in two VLANs (SYN visible: %s): two streams, however near their numbers', (visible) => {
    const collector = new Collector();
    if (visible) collector.decode(segment(0, { vlan: 1, flags: 'S', sequence: 999 }), segment(0, { vlan: 2, flags: 'S', sequence: 1499 }));
    for (let i = 0; i < 5; i++)
      collector.decode(
        segment(i, { vlan: 1, sequence: 1000 + i, text: 'a' }),
        segment(i, { vlan: 2, sequence: 1500 + i, text: 'b' }),
        segment(i, { vlan: 1, back: true, sequence: 1 + i, acknowledgement: 1001 + i, text: 'c' }),
        segment(i, { vlan: 2, back: true, sequence: 900 + i, acknowledgement: 1501 + i, text: 'd' }),
      );
    expect(texts(collector).sort()).toEqual(['aaaaa', 'bbbbb', 'ccccc', 'ddddd']);
    expect(collector.decoder.held().connections).toBe(2);
  });

  test('one connection with a VLAN for each direction, and one mirrored at two places', () => {
    const collector = new Collector();
    for (let i = 0; i < 5; i++)
      collector.decode(
        segment(i, { vlan: 1, sequence: 1000 + i, text: 'a' }),
        segment(i, { vlan: 3, sequence: 1000 + i, text: 'a' }),
        segment(i, { vlan: 2, back: true, sequence: 7 + i, acknowledgement: 1001 + i, text: 'b' }),
      );
    expect(texts(collector)).toEqual(['aaaaa', 'bbbbb']);
    expect(collector.decoder.held().connections).toBe(1);
    expect(collector.streams.map((stream) => stream.pushes[0].vlan)).toEqual([1, 2]);
  });
});

test('an eviction costs the same in a large table as in a small one', () => {
  const cost = (streams: number) => {
    const collector = new Collector({ streams: { streams } });
    const frames = Array.from({ length: 256 }, (_, i) => segment(0, { flags: 'S', sequence: i, sourcePort: 1 + i }));
    let next = 0;
    const flood = (count: number) => {
      for (let i = 0; i < count; i++, next++) {
        const frame = frames[next & 255];
        frame.bytes.writeUInt32BE(next + 0x0a00_0000, frame.from + 26);
        collector.decoder.decode(frame);
      }
    };
    flood(streams + 1000);
    const begun = process.cpuUsage();
    flood(20_000);
    return process.cpuUsage(begun).user;
  };
  // A scan over deleted entries would make it a hundred times slower.
  expect(cost(65_536)).toBeLessThan(cost(256) * 10 + 50_000);
});
