/** TCP streams, case by case. */
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { DELIVERED, HELD } from '../../src/lib/decode/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';

const RAW = { linkType: make.LINK.raw };
const START = 1e15;

/** A segment from one end or the other, `at` milliseconds after the start. */
function segment(at: number, members: make.TcpMembers & { back?: boolean; text?: string; number?: number }): Frame {
  const { back, text, number, ...tcp } = members;
  const ports = back === true ? { sourcePort: 5080, destinationPort: 5060 } : {};
  const ends = back === true ? { source: '127.0.0.2', destination: '127.0.0.1' } : {};
  const packet = make.ipv4({ ...ends, protocol: make.IP_TCP }, make.tcp({ ...ports, ...tcp }, Buffer.from(text ?? '')));
  return make.frame(packet, { ...RAW, capturedAt: START + at * 1000, number: number ?? 1 });
}

function textOf(collector: Collector, stream = 0): string {
  return collector.streams[stream].bytes.latin1Slice();
}

describe('in order', () => {
  test('both directions from the first byte to FIN; a receiver is asked for at the first byte', () => {
    const collector = new Collector();
    const results = collector.decode(
      segment(0, { flags: 'S', sequence: 99 }),
      segment(1, { back: true, flags: 'SA', sequence: 499, acknowledgement: 100 }),
      segment(2, { sequence: 100, acknowledgement: 500 }),
      segment(3, { sequence: 100, acknowledgement: 500, text: 'one ' }),
      segment(4, { back: true, sequence: 500, acknowledgement: 104, text: 'TWO' }),
      segment(5, { sequence: 104, acknowledgement: 503, text: 'three', flags: 'FA' }),
      segment(6, { back: true, sequence: 503, acknowledgement: 110, flags: 'FA' }),
    );
    expect(results).toEqual([0, 0, 0, DELIVERED, DELIVERED, DELIVERED, 0]);
    expect(collector.streams.map((stream) => [stream.name, stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['127.0.0.1:5060 127.0.0.2:5080', 'one three', 1],
      ['127.0.0.2:5080 127.0.0.1:5060', 'TWO', 1],
    ]);
    expect(collector.counts).toEqual({});
  });

  test('the bytes are handed on where they stand', () => {
    const frame = segment(0, { text: 'here' });
    let same = false;
    const collector = new Collector();
    collector.stream = () => ({ push: (bytes) => (same = bytes === frame.bytes), gap() {}, end() {} });
    collector.decode(frame);
    expect(same).toBe(true);
  });

  test('a capture that begins in the middle begins with the first segment seen', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 7_000, text: 'mid' }), segment(1, { sequence: 7_003, text: 'stream' }));
    expect(textOf(collector)).toBe('midstream');
  });

  test('sequence numbers pass 2^32', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { flags: 'S', sequence: 0xffff_fffd }),
      segment(1, { sequence: 0xffff_fffe, text: 'abcd' }),
      segment(2, { sequence: 4, text: 'gh' }),
      segment(3, { sequence: 2, text: 'ef' }),
    );
    expect(textOf(collector)).toBe('abcdefgh');
  });

  test('IPv6', () => {
    const collector = new Collector();
    const packet = (sequence: number, text: string) =>
      make.frame(make.ipv6({ nextHeader: make.IP_TCP }, make.tcp({ sequence }, Buffer.from(text))), RAW);
    collector.decode(packet(1, 'a'), packet(2, 'b'));
    expect(collector.streams.map((stream) => stream.name + stream.bytes.latin1Slice())).toEqual(['2001:db8::1:5060 2001:db8::2:5080ab']);
  });

  test('an acknowledgement or reset of an unknown connection makes no stream', () => {
    const collector = new Collector();
    collector.decode(segment(0, { flags: 'A' }), segment(0, { flags: 'R' }), segment(0, { flags: 'FA' }));
    expect(collector.decoder.held().connections).toBe(0);
  });
});

describe('repeated bytes', () => {
  test('retransmissions, keep-alive probes and overlaps give every byte once', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 100, text: 'abcdef' }),
      segment(1, { sequence: 100, text: 'abcdef' }),
      segment(2, { sequence: 105, text: '\0' }),
      segment(3, { sequence: 103, text: 'XYZghi' }),
      segment(4, { sequence: 109, text: 'j' }),
      segment(5, { sequence: 109, text: 'jk' }),
    );
    expect(textOf(collector)).toBe('abcdefghijk');
    expect(collector.counts).toEqual({ tcp_retransmission: 2, tcp_overlap: 2 });
  });

  test('a retransmission after FIN is known as one', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 10, text: 'bye', flags: 'FA' }), segment(1, { sequence: 10, text: 'bye', flags: 'FA' }));
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([['bye', 1]]);
  });

  test('a held segment that comes again is not held twice', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 5, text: 'fgh' }));
    const { streamBytes } = collector.decoder.held();
    collector.decode(segment(2, { sequence: 5, text: 'fgh' }), segment(3, { sequence: 6, text: 'gh' }));
    expect(collector.decoder.held().streamBytes).toBe(streamBytes);
    expect(collector.counts).toEqual({ tcp_retransmission: 2 });
  });

  test('of bytes that came twice out of order the first are kept', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: '0' }),
      segment(1, { sequence: 4, text: 'bb' }),
      segment(2, { sequence: 2, text: 'ccccccc' }),
      segment(3, { sequence: 1, text: 'dddd' }),
    );
    expect(textOf(collector)).toBe('0dccbbccc');
  });
});

describe('out of order', () => {
  test('a held segment waits; the one that completes gives time and frame', () => {
    const collector = new Collector({ keepFrames: true });
    const results = collector.decode(
      segment(0, { sequence: 0, text: 'a', number: 1 }),
      segment(1, { sequence: 2, text: 'c', number: 2 }),
      segment(5, { sequence: 1, text: 'b', number: 3 }),
    );
    expect(results).toEqual([DELIVERED, HELD, DELIVERED]);
    expect(
      collector.streams[0].pushes.map(({ payload, frame, capturedAt, frames }) => ({
        payload,
        frame,
        at: (capturedAt - START) / 1000,
        frames,
      })),
    ).toEqual([
      { payload: 'a', frame: 1, at: 0, frames: [1] },
      { payload: 'b', frame: 3, at: 5, frames: [3] },
      { payload: 'c', frame: 3, at: 5, frames: [3] },
    ]);
    expect(collector.decoder.held().streamBytes).toBe(0);
  });

  test('SYN behind the first segment', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 100, text: 'a' }),
      segment(1, { flags: 'S', sequence: 99 }),
      segment(2, { sequence: 101, text: 'b' }),
    );
    expect(collector.streams.map((stream) => stream.bytes.latin1Slice())).toEqual(['ab']);
  });

  test('FIN before the last bytes ends the stream only behind them', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 2, flags: 'FA' }));
    expect(collector.streams[0].ended).toBe(0);
    collector.decode(segment(2, { sequence: 1, text: 'b' }));
    expect([textOf(collector), collector.streams[0].ended]).toEqual(['ab', 1]);
  });

  test('a reset far from the expected number ends nothing', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 1000, text: 'a' }),
      segment(1, { sequence: 5, flags: 'R' }),
      segment(2, { sequence: 1001, text: 'b' }),
    );
    expect([textOf(collector), collector.streams[0].ended]).toEqual(['ab', 0]);
    collector.decode(segment(3, { sequence: 1002, flags: 'R' }));
    expect(collector.streams[0].ended).toBe(1);
  });
});

describe('loss', () => {
  test('what the other side acknowledged is given up a little later, not at once', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 11, text: 'c', number: 9 }),
      segment(2, { back: true, sequence: 50, acknowledgement: 12 }),
    );
    expect(textOf(collector)).toBe('a');
    collector.decode(segment(13, { back: true, sequence: 50, acknowledgement: 12, number: 12 }));
    expect(textOf(collector)).toBe('ac');
    expect(collector.streams[0].gaps).toEqual([{ at: 1, lost: 10 }]);
    // The message keeps the time of its own segment; the frame is the one that brought it out.
    expect(collector.streams[0].pushes[1]).toMatchObject({ capturedAt: START + 1000, frame: 12 });
    expect(collector.counts).toEqual({ stream_gap: 1 });
  });

  test('an acknowledgement that overtakes its segment loses nothing', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 2, text: 'c' }),
      segment(2, { back: true, sequence: 50, acknowledgement: 3 }),
      segment(3, { sequence: 1, text: 'b' }),
    );
    expect([textOf(collector), collector.counts]).toEqual(['abc', {}]);
  });

  test('after a second, by segments of the connection, by other packets when the next second begins, or by being asked', () => {
    const lost = [segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 2, text: 'c' })];
    const foreign = make.frame(make.ipv4({ source: '127.0.0.7' }, make.udp({}, Buffer.from('x'))), {
      ...RAW,
      capturedAt: START + 2_000_000,
      number: 44,
    });
    for (const last of [segment(1001, { sequence: 3, text: 'd' }), foreign]) {
      const collector = new Collector();
      collector.decode(...lost, last);
      expect(collector.streams[0].gaps).toEqual([{ at: 1, lost: 1 }]);
    }
    const collector = new Collector();
    collector.decode(...lost);
    collector.decoder.expire(START + 1_001_000);
    expect(textOf(collector)).toBe('ac');
  });

  test('each hole is waited for on its own, from the arrival of the bytes behind it', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 2, text: 'c' }),
      segment(900, { sequence: 4, text: 'e' }),
      segment(1001, { sequence: 5, text: 'f' }),
    );
    expect(textOf(collector)).toBe('ac');
    collector.decode(segment(1899, { sequence: 6, text: 'g' }));
    expect(textOf(collector)).toBe('ac');
    collector.decode(segment(1901, { sequence: 7, text: 'h' }));
    expect(textOf(collector)).toBe('acefgh');
  });

  test('what is given up does not depend on how often other traffic makes the decoder look', () => {
    const foreign = (at: number) =>
      make.frame(make.ipv4({ source: '127.0.0.7' }, make.udp({}, Buffer.from('x'))), { ...RAW, capturedAt: START + at * 1000 });
    const lost = [0, 10, 20, 30].map((sequence, i) => segment(i, { sequence, text: 'x' }));
    for (const looks of [[], [1100, 2100, 3100]]) {
      const collector = new Collector();
      collector.decode(...lost, ...looks.map(foreign), foreign(5000));
      expect([textOf(collector), collector.streams[0].gaps.length]).toEqual(['xxxx', 3]);
    }
  });

  test.each(['127', '2001:db8:'])('what comes out without a segment of its own still knows its ends, tunnel and VLAN (%s)', (net) => {
    const [low, high] = net === '127' ? ['127.0.0.1', '127.0.0.2'] : ['2001:db8::1', '2001:db8::2'];
    for (const [source, destination] of [
      [low, high],
      [high, low],
    ]) {
      const packet = (sequence: number) => {
        const inner = make.tcpPacket({ source, destination, sequence }, Buffer.from('x'));
        const outer = make.ipv4(
          { source: '127.9.0.1', destination: '127.9.0.2', protocol: net === '127' ? make.IP_IPV4 : make.IP_IPV6 },
          inner,
        );
        return make.frame(make.ethernet(make.ETHER_VLAN, make.vlan(9, make.ETHER_IPV4, outer)), { number: sequence, capturedAt: START });
      };
      const collector = new Collector();
      collector.decode(packet(1), packet(5), segment(1, { sourcePort: 1, text: 'other' }));
      collector.decoder.finish();
      expect(collector.streams[0].pushes[1]).toMatchObject({
        from: `${source} 5060`,
        to: `${destination} 5080`,
        outer: '127.9.0.1 127.9.0.2',
        vlan: 9,
        protocol: 6,
        frame: 5,
      });
    }
  });

  test('at the end everything held comes out, and every stream ends once', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 2, text: 'c', number: 2 }),
      segment(1, { sequence: 6, text: 'g', number: 3 }),
      segment(2, { sequence: 9, flags: 'FA' }),
    );
    collector.decoder.finish();
    collector.decoder.finish();
    expect(textOf(collector)).toBe('acg');
    expect(collector.streams[0].gaps).toEqual([
      { at: 1, lost: 1 },
      { at: 2, lost: 3 },
      { at: 3, lost: 2 },
    ]);
    expect(collector.streams[0].pushes.map((push) => push.frame)).toEqual([1, 2, 3]);
    expect(collector.streams[0].ended).toBe(1);
    expect(collector.decoder.held()).toMatchObject({ connections: 0, streamBytes: 0 });
  });

  test('bytes in front of the first one seen after SYN are a gap', () => {
    const collector = new Collector();
    collector.decode(segment(0, { flags: 'S', sequence: 0 }), segment(1, { sequence: 5, text: 'x' }));
    collector.decoder.finish();
    expect([collector.streams[0].gaps, textOf(collector)]).toEqual([[{ at: 0, lost: 4 }], 'x']);
  });

  test('what the snap length cut is a gap, in order and out of order', () => {
    const cut = (frame: Frame, bytes: number) => make.snap(frame, frame.to - frame.from - bytes);
    const collector = new Collector();
    collector.decode(cut(segment(0, { sequence: 0, text: 'abcd' }), 2), segment(1, { sequence: 4, text: 'ef' }));
    expect([textOf(collector), collector.streams[0].gaps]).toEqual(['abef', [{ at: 2, lost: 2 }]]);
    collector.decode(
      cut(segment(2, { sequence: 8, text: 'ijkl' }), 3),
      segment(3, { sequence: 12, text: 'mn' }),
      segment(4, { sequence: 6, text: 'gh' }),
    );
    expect([textOf(collector), collector.streams[0].gaps]).toEqual([
      'abefghimn',
      [
        { at: 2, lost: 2 },
        { at: 7, lost: 3 },
      ],
    ]);
  });
});

describe('other connections on the same ports', () => {
  test('a new SYN ends both directions and begins anew', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { flags: 'S', sequence: 0 }),
      segment(1, { sequence: 1, text: 'old' }),
      segment(2, { back: true, sequence: 500, text: 'OLD' }),
      segment(3, { sequence: 9, text: 'lost' }),
      segment(4, { flags: 'S', sequence: 70_000 }),
    );
    // A SYN alone may be forged: bytes behind it, or an acknowledgement of it, tell.
    expect(collector.streams.map((stream) => stream.ended)).toEqual([0, 0]);
    collector.decode(
      segment(5, { back: true, flags: 'SA', sequence: 90_000, acknowledgement: 70_001 }),
      segment(6, { sequence: 70_001, text: 'new' }),
      segment(7, { back: true, sequence: 90_001, text: 'NEW' }),
    );
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['oldlost', 1],
      ['OLD', 1],
      ['new', 0],
      ['NEW', 0],
    ]);
  });

  test('a repeated SYN changes nothing', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { flags: 'S', sequence: 0 }),
      segment(1, { sequence: 1, text: 'a' }),
      segment(2, { flags: 'S', sequence: 0 }),
      segment(3, { sequence: 2, text: 'b' }),
    );
    expect(collector.streams.map((stream) => stream.bytes.latin1Slice())).toEqual(['ab']);
  });

  test('without a SYN a sequence number beyond every window tells it', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 0x7000_0000, text: 'b' }),
      segment(2, { sequence: 0x1000_0000, text: 'c' }),
    );
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ]);
  });

  test('a stream after FIN', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a', flags: 'FA' }),
      segment(1, { flags: 'S', sequence: 40 }),
      segment(2, { sequence: 41, text: 'b' }),
    );
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });
});

describe('interest', () => {
  test('a stream that nobody wants is not asked about twice', () => {
    const collector = new Collector({}, 0);
    let asked = 0;
    const none = collector.stream.bind(collector);
    collector.stream = (packet) => {
      asked++;
      return none(packet);
    };
    expect(
      collector.decode(
        segment(0, { sequence: 0, text: 'a' }),
        segment(1, { sequence: 1, text: 'b' }),
        segment(2, { sequence: 5, text: 'c' }),
      ),
    ).toEqual([0, 0, 0]);
    expect(asked).toBe(1);
    expect(collector.decoder.held().streamBytes).toBe(0);
    expect(collector.counts).toEqual({ stream_ignored: 2 });
  });

  test('after push answered false nothing more is called', () => {
    const collector = new Collector({}, 3);
    collector.decode(
      segment(0, { sequence: 0, text: 'abc' }),
      segment(1, { sequence: 3, text: 'def' }),
      segment(2, { sequence: 6, text: '', flags: 'FA' }),
    );
    collector.decoder.finish();
    expect([textOf(collector), collector.streams[0].ended]).toEqual(['abc', 0]);
  });
});

describe('limits', () => {
  test('bytes of one stream', () => {
    const collector = new Collector({ streams: { bytesPerStream: 10_000 } });
    collector.decode(segment(0, { sequence: 0, text: 'a' }));
    for (let i = 0; i < 30; i++) {
      collector.decode(segment(1, { sequence: 100 + i * 1000, text: 'x'.repeat(1000) }));
      expect(collector.decoder.held().streamBytes).toBeLessThanOrEqual(10_000);
    }
    expect(collector.streams[0].gaps).toEqual([{ at: 1, lost: 99 }]);
    expect(textOf(collector).length).toBe(30_001);
  });

  test('bytes of all streams: who waited longest is given up first', () => {
    const collector = new Collector({ streams: { bytes: 20_000 } });
    for (let port = 1; port <= 30; port++) {
      collector.decode(
        segment(port, { sourcePort: port, sequence: 0, text: 'a' }),
        segment(port, { sourcePort: port, sequence: 2, text: 'x'.repeat(1000) }),
      );
      expect(collector.decoder.held().streamBytes).toBeLessThanOrEqual(20_000);
    }
    expect(collector.streams[0].gaps.length).toBe(1);
    expect(collector.streams[29].gaps.length).toBe(0);
    expect(collector.counts.stream_limit).toBe(collector.streams.filter((stream) => stream.gaps.length > 0).length);
  });

  test('streams: one that is over goes first, then the one silent for longest', () => {
    const collector = new Collector({ streams: { streams: 4 } });
    for (let port = 1; port <= 4; port++) collector.decode(segment(port, { sourcePort: port, sequence: 0, text: 'a' }));
    collector.decode(segment(10, { sourcePort: 3, sequence: 1, flags: 'FA' }), segment(11, { sourcePort: 1, sequence: 1, text: 'b' }));
    collector.decode(segment(12, { sourcePort: 5, sequence: 0, text: 'a' }));
    expect(collector.streams.map((stream) => stream.ended)).toEqual([0, 0, 1, 0, 0]);
    expect(collector.counts).toEqual({});
    collector.decode(segment(13, { sourcePort: 6, sequence: 0, text: 'a' }));
    expect(collector.streams.map((stream) => stream.ended)).toEqual([0, 1, 1, 0, 0, 0]);
    expect(collector.counts).toEqual({ stream_limit: 1 });
    expect(collector.decoder.held().connections).toBe(4);
  });

  test('a flood of SYN stays within the limit', () => {
    const collector = new Collector({ streams: { streams: 100 } });
    for (let i = 0; i < 5000; i++) collector.decode(segment(i / 1000, { flags: 'S', sourcePort: 1 + i, sequence: i }));
    expect(collector.decoder.held().connections).toBe(100);
    expect(collector.counts).toEqual({ stream_limit: 4900 });
    expect(collector.streams).toEqual([]);
  });

  test('silence ends a stream, traffic does not', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sourcePort: 1, sequence: 0, text: 'a' }), segment(1, { sourcePort: 2, sequence: 0, text: 'a' }));
    for (let second = 100; second <= 400; second += 100)
      collector.decode(segment(second * 1000, { sourcePort: 1, sequence: second / 100, text: 'b' }));
    expect(collector.streams.map((stream) => stream.ended)).toEqual([0, 1]);
    expect(collector.decoder.held().connections).toBe(1);
  });
});
