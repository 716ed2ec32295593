/** SCTP user messages: bundled, fragmented, repeated, bounded. */
import { describe, expect, test } from '@jest/globals';
import { DELIVERED, FAULT, HELD, printFrame } from '../../src/lib/decode/index.js';
import { crc32c } from '../../src/lib/decode/crc32c.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';

const RAW = { linkType: make.LINK.raw };

function packet(number: number, ...chunks: Buffer[]): ReturnType<typeof make.frame> {
  return make.frame(make.ipv4({ protocol: make.IP_SCTP }, make.sctp({}, ...chunks)), { ...RAW, number, capturedAt: 1e15 + number });
}

function data(transmission: number, text: string, members: { first?: boolean; last?: boolean; stream?: number } = {}): Buffer {
  return make.sctpData({ transmission, ...members }, Buffer.from(text));
}

describe('messages', () => {
  test('several in one packet, with other chunks between', () => {
    const collector = new Collector();
    expect(collector.decode(packet(1, data(1, 'one'), make.sctpHeartbeat(), data(2, 'two!'), data(3, 'three')))).toEqual([DELIVERED]);
    expect(collector.datagrams.map(({ payload, protocol, from, to }) => ({ payload, protocol, from, to }))).toEqual(
      ['one', 'two!', 'three'].map((payload) => ({ payload, protocol: 132, from: '127.0.0.1 5060', to: '127.0.0.2 5080' })),
    );
  });

  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 0, 2]], [[0, 2, 1]], [[2, 0, 1]], [[1, 2, 0]]])(
    'fragments in the order %j, past 2^32',
    (order) => {
      const parts = [data(0xffff_ffff, 'a', { last: false }), data(0, 'b', { first: false, last: false }), data(1, 'c', { first: false })];
      const collector = new Collector({ keepFrames: true });
      expect(collector.decode(...order.map((part) => packet(part + 1, parts[part])))).toEqual([HELD, HELD, DELIVERED]);
      expect(collector.payloads).toEqual(['abc']);
      expect(collector.datagrams[0].frames).toEqual([1, 2, 3]);
      expect(collector.decoder.held().associationBytes).toBe(0);
    },
  );

  test('two interleaved messages are not mixed up', () => {
    const collector = new Collector();
    collector.decode(
      packet(1, data(1, 'a', { last: false })),
      packet(2, data(3, 'c', { last: false })),
      packet(3, data(4, 'd', { first: false }), data(2, 'b', { first: false })),
    );
    expect(collector.payloads).toEqual(['cd', 'ab']);
  });

  test('interleaved fragments (I-DATA) are grouped by message id', () => {
    const part = (transmission: number, message: number, fragment: number, last: boolean, text: string) =>
      make.sctpInterleavedData({ transmission, message, fragment, last }, Buffer.from(text));
    const collector = new Collector();
    collector.decode(
      packet(1, part(1, 7, 0, false, 'a'), part(2, 8, 0, false, 'x')),
      packet(2, part(3, 8, 1, true, 'y'), part(4, 7, 1, true, 'b')),
    );
    expect(collector.payloads).toEqual(['xy', 'ab']);
  });

  test('a retransmitted message is delivered once; another association has its own numbers', () => {
    const collector = new Collector();
    collector.decode(
      packet(1, data(5, 'x')),
      packet(2, data(5, 'x')),
      packet(3, data(4, 'w')),
      packet(4, data(5000, 'far')),
      packet(5, data(5, 'x')),
    );
    collector.decode(make.frame(make.ipv4({ protocol: make.IP_SCTP }, make.sctp({ tag: 8 }, data(5, 'x'))), RAW));
    expect(collector.payloads).toEqual(['x', 'w', 'far', 'x']);
    expect(collector.counts).toEqual({ sctp_retransmission: 2 });
  });

  test('equal addresses and tags in two VLANs: other data under the same numbers are another association, equal data a copy', () => {
    const tagged = (vlan: number, transmission: number, text: string, last = true) =>
      make.frame(
        make.ethernet(
          make.ETHER_VLAN,
          make.vlan(
            vlan,
            make.ETHER_IPV4,
            make.ipv4({ protocol: make.IP_SCTP }, make.sctp({}, data(transmission, text, { first: text !== 'tail', last }))),
          ),
        ),
      );
    const collector = new Collector();
    collector.decode(
      tagged(10, 1, 'one of 10'),
      tagged(20, 1, 'one of 10'), // mirrored in both
      tagged(20, 2, 'two of 10'),
      tagged(10, 3, 'three of 10'),
      tagged(20, 3, 'three of 20'),
      tagged(20, 4, 'four of 20'),
      tagged(10, 4, 'four of 10'),
      tagged(20, 4, 'four of 20'),
      tagged(20, 5, 'head of 20 ', false),
      tagged(10, 5, 'head of 10 ', false),
      tagged(10, 6, 'tail'),
      tagged(20, 6, 'tail'),
      // Seen first where the association does not belong.
      tagged(30, 7, 'seven of 30'),
      tagged(10, 7, 'seven of 10'),
      tagged(30, 7, 'seven of 30'),
    );
    expect(collector.payloads).toEqual([
      'one of 10',
      'two of 10',
      'three of 10',
      'three of 20',
      'four of 20',
      'four of 10',
      'head of 10 tail',
      'head of 20 tail',
      'seven of 30',
      'seven of 10',
    ]);
    expect(collector.counts).toEqual({ sctp_retransmission: 3 });
  });

  test('numbers wrap: a TSN seen 1,024 transmissions ago is not a repetition', () => {
    const collector = new Collector();
    for (const transmission of [5, 1000, 1100, 5 + 1024, 5 + 1024]) collector.decode(packet(1, data(transmission, `${transmission}`)));
    expect(collector.payloads).toEqual(['5', '1000', '1100', '1029']);
  });

  test('a chunk cut by the snap length is marked as truncated', () => {
    const collector = new Collector();
    const whole = packet(1, data(1, 'abcdefgh'));
    collector.decode(make.snap(whole, whole.to - whole.from - 3));
    expect(collector.datagrams).toMatchObject([{ payload: 'abcde', cut: true }]);
    expect(collector.counts).toEqual({ cut_by_snap_length: 1 });
  });

  test.each([
    ['a length of 3', Buffer.from([0, 3, 0, 3]), 'bad_length'],
    ['a data chunk without data', Buffer.from('000300100000000100000000000000000000', 'hex'), 'bad_length'],
    ['a data chunk cut in its header', Buffer.from('0003001400000001', 'hex'), 'truncated'],
  ])('%s is a fault, and what precedes it is delivered', (_, chunk, reason) => {
    const collector = new Collector();
    expect(collector.decode(packet(1, data(1, 'good'), chunk))).toEqual([DELIVERED | FAULT]);
    expect([collector.payloads, collector.counts]).toEqual([['good'], { [reason]: 1 }]);
  });

  test('printed', () => {
    expect(printFrame(packet(1, data(9, 'abc', { last: false }))).at(-1)).toBe('sctp data at 48: 3 bytes, transmission 9, first');
  });
});

describe('a message with a lost fragment', () => {
  const part = (transmission: number, text: string, at: number, members: { first?: boolean; last?: boolean } = {}) =>
    make.frame(make.ipv4({ protocol: make.IP_SCTP }, make.sctp({}, data(transmission, text, { first: false, last: false, ...members }))), {
      ...RAW,
      number: transmission,
      capturedAt: at,
    });

  test('its beginning is delivered as truncated, at the end and after a minute without a fragment', () => {
    for (const later of [false, true]) {
      const collector = new Collector({ keepFrames: true });
      collector.decode(
        part(2, 'b', 1e15),
        part(1, 'a', 1e15 + 5, { first: true }),
        part(4, 'd', 1e15 + 9, { last: true }),
        part(9, 'lost', 1e15 + 10),
      );
      // Other data of the association does not keep the fragments waiting.
      if (later) for (let s = 20; s < 80; s += 20) collector.decode(part(20 + s, 'x', 1e15 + s * 1e6, { first: true, last: true }));
      if (later) collector.decode(make.frame(make.udpPacket({}, Buffer.from('other')), { ...RAW, number: 500, capturedAt: 1e15 + 70e6 }));
      else collector.decoder.finish();
      const found = collector.datagrams.filter(({ cut }) => cut);
      expect(found).toMatchObject([{ payload: 'ab', capturedAt: 1e15 + 5, from: '127.0.0.1 5060', protocol: 132 }]);
      expect(found[0].frames).toEqual(later ? [2, 1, 500].sort((a, b) => a - b) : [1, 2]);
      expect(collector.decoder.held().associationBytes).toBe(0);
    }
  });

  test('it ends at a fragment cut by the snap length', () => {
    const collector = new Collector();
    const cut = part(2, 'bcdef', 1e15);
    collector.decode(part(1, 'a', 1e15, { first: true }), make.snap(cut, cut.to - cut.from - 6), part(3, 'g', 1e15, { last: true }));
    collector.decoder.finish();
    expect(collector.datagrams).toMatchObject([{ payload: 'abc', cut: true }]);
  });

  test('the cost of a fragment does not depend on the number of fragments', () => {
    const cost = (fragments: number): number => {
      let best = Infinity;
      for (let round = 0; round < 3; round++) {
        const collector = new Collector();
        const frames = Array.from({ length: fragments }, (_, i) =>
          part(i, 'x', 1e15 + i, { first: i === 0, last: i === fragments - 1 }),
        ).reverse();
        const started = process.cpuUsage();
        for (const frame of frames) collector.decoder.decode(frame);
        const { user, system } = process.cpuUsage(started);
        best = Math.min(best, user + system);
        expect(collector.payloads).toEqual(['x'.repeat(fragments)]);
      }
      return best;
    };
    cost(2000);
    expect(cost(20_000) / cost(5000)).toBeLessThan(10);
  });
});

describe('limits', () => {
  test('unfinished messages are evicted by bytes, by number of associations, by age and at the end', () => {
    const collector = new Collector({ sctp: { bytes: 20_000, associations: 50 } });
    const part = (tag: number, at: number) =>
      make.frame(make.ipv4({ protocol: make.IP_SCTP }, make.sctp({ tag }, data(1, 'x'.repeat(1000), { last: false }))), {
        ...RAW,
        capturedAt: at,
      });
    for (let tag = 1; tag <= 100; tag++) {
      collector.decode(part(tag, 1e15));
      expect(collector.decoder.held().associationBytes).toBeLessThanOrEqual(20_000);
    }
    const held = collector.decoder.held().associations;
    expect(collector.counts).toEqual({ fragment_limit: 100 - held });
    collector.decode(part(200, 1e15 + 61e6));
    expect(collector.counts.fragment_age).toBe(held);
    collector.decoder.finish();
    expect(collector.counts.fragment_age).toBe(held + 1);
    expect(collector.decoder.held()).toMatchObject({ associations: 0, associationBytes: 0 });
  });
});

describe('transmission numbers', () => {
  test('far from all others do not hide what follows', () => {
    const collector = new Collector();
    const sent: string[] = [];
    for (let i = 0; i < 50; i++) {
      collector.decode(packet(i, data(100 + i, `m${i}`), data(100 + i, `m${i}`)));
      sent.push(`m${i}`);
      if (i % 10 === 5) {
        collector.decode(packet(i, data(0x5000_0000 + i * 50_000, `far${i}`)));
        sent.push(`far${i}`);
      }
    }
    expect(collector.payloads).toEqual(sent);
    expect(collector.counts).toEqual({ sctp_retransmission: 50 });
  });

  test('of a packet with a wrong checksum are ignored where other checksums are valid', () => {
    const checked = (number: number, transmission: number, text: string, wrong = 0) => {
      const bytes = make.sctp({}, data(transmission, text));
      bytes.writeUInt32LE((crc32c(bytes, 0, bytes.length) ^ wrong) >>> 0, 8);
      return make.frame(make.ipv4({ protocol: make.IP_SCTP }, bytes), { ...RAW, number, capturedAt: 1e15 + number });
    };
    const collector = new Collector();
    collector.decode(
      checked(1, 1, 'one', 5),
      checked(2, 2, 'two'),
      checked(3, 3, 'forged', 5),
      checked(4, 3, 'three'),
      packet(5, data(4, 'four')),
    );
    expect(collector.payloads).toEqual(['one', 'two', 'three', 'four']);
    expect(collector.counts).toEqual({ sctp_bad_checksum: 1 });
  });
});

test('CRC32c of the test vector of RFC 3720 appendix B.4; the checksum field counts as zero', () => {
  expect(crc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32).fill(9, 8, 12), 0, 32)).toBe(0x8a9136aa);
});
