/** Lost segments: what is waited for, given up, and found after a gap. */
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';
import { RAW, START, segment, textOf } from './tcp-rig.js';

describe('loss', () => {
  test('missing bytes that were acknowledged are given up a little later, not at once', () => {
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

  test('an acknowledgement captured before its segment loses nothing', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 2, text: 'c' }),
      segment(2, { back: true, sequence: 50, acknowledgement: 3 }),
      segment(3, { sequence: 1, text: 'b' }),
    );
    expect([textOf(collector), collector.counts]).toEqual(['abc', {}]);
  });

  test('after a second: on a segment of the connection, on other packets in the next second, or on request', () => {
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

  test('a packet whose time is behind gives up nothing; one far behind shows that the clock was set back', () => {
    const collector = new Collector();
    const behind = (seconds: number) =>
      make.frame(make.ipv4({ source: '127.0.0.7' }, make.udp({}, Buffer.from('x'))), { ...RAW, capturedAt: START - seconds * 1e6 });
    collector.decode(segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 2, text: 'c' }), behind(2), behind(3600));
    expect(textOf(collector)).toBe('a');
    collector.decode(segment(2, { sequence: 1, text: 'b' }), segment(3, { sequence: 4, text: 'e' }));
    expect(textOf(collector)).toBe('abc');
    collector.decode(behind(2 * 86_400));
    expect(textOf(collector)).toBe('abce');
  });

  test('each gap has its own timeout, from the arrival of the bytes after it', () => {
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

  test('what is given up does not depend on other traffic', () => {
    const foreign = (at: number) =>
      make.frame(make.ipv4({ source: '127.0.0.7' }, make.udp({}, Buffer.from('x'))), { ...RAW, capturedAt: START + at * 1000 });
    const lost = [0, 10, 20, 30].map((sequence, i) => segment(i, { sequence, text: 'x' }));
    for (const looks of [[], [1100, 2100, 3100]]) {
      const collector = new Collector();
      collector.decode(...lost, ...looks.map(foreign), foreign(5000));
      expect([textOf(collector), collector.streams[0].gaps.length]).toEqual(['xxxx', 3]);
    }
  });

  test.each(['127', '2001:db8:'])('bytes released without a segment of their own keep endpoints, tunnel and VLAN (%s)', (net) => {
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

  test('at the end everything held is delivered, and every stream ends once', () => {
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

  test('bytes missing after SYN are a gap', () => {
    const collector = new Collector();
    collector.decode(segment(0, { flags: 'S', sequence: 0 }), segment(1, { sequence: 5, text: 'x' }));
    collector.decoder.finish();
    expect([collector.streams[0].gaps, textOf(collector)]).toEqual([[{ at: 0, lost: 4 }], 'x']);
  });

  test('bytes cut by the snap length are a gap, in order and out of order', () => {
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
