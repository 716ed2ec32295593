/** Connections without SIP, and limits of what is kept. */
import { describe, expect, test } from '@jest/globals';
import { Collector } from './collect.js';
import { segment, textOf } from './tcp-rig.js';

describe('interest', () => {
  test('a stream without a receiver is offered only once', () => {
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

  test('after push returned false nothing more is called', () => {
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

  test('bytes of all streams: the one that waited longest is given up first', () => {
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

  test('streams: a finished one is evicted first, then the one idle longest', () => {
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

  test('one that both sides have closed knows its retransmissions for two minutes, and is dropped then', () => {
    const collector = new Collector();
    const close = (port: number, at: number) => [
      segment(at, { sourcePort: port, sequence: 0, text: 'abc' }),
      segment(at + 1, { sourcePort: port, sequence: 3, flags: 'FA' }),
      segment(at + 2, { back: true, destinationPort: port, sequence: 0, flags: 'FA', acknowledgement: 4 }),
    ];
    const again = (port: number, at: number) => segment(at, { sourcePort: port, sequence: 0, text: 'abc' });
    collector.decode(...close(1, 0), ...close(2, 10), ...close(3, 20));
    // The first is seen again, which does not keep those behind it.
    collector.decode(again(1, 100_000));
    expect([textOf(collector), collector.decoder.held().connections]).toEqual(['abc', 3]);
    collector.decode(...close(4, 130_000));
    expect(collector.decoder.held().connections).toBe(2);
    collector.decode(again(1, 220_000), ...close(5, 260_000));
    expect(collector.decoder.held().connections).toBe(2);
    expect(collector.streams.map(({ bytes }) => bytes.toString()).filter((text) => text !== '')).toEqual(Array(5).fill('abc'));
  });

  test('an idle stream ends, an active one does not', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sourcePort: 1, sequence: 0, text: 'a' }), segment(1, { sourcePort: 2, sequence: 0, text: 'a' }));
    for (let second = 100; second <= 400; second += 100)
      collector.decode(segment(second * 1000, { sourcePort: 1, sequence: second / 100, text: 'b' }));
    expect(collector.streams.map((stream) => stream.ended)).toEqual([0, 1]);
    expect(collector.decoder.held().connections).toBe(1);
  });
});
