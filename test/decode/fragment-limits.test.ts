/** Fragments: limits of what is kept, and tunnels. */
import { describe, expect, test } from '@jest/globals';
import { DELIVERED, HELD } from '../../src/lib/decode/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';
import { DATAGRAM, RAW, TEXT, fragment, numbered } from './fragments-rig.js';

describe('limits', () => {
  test('datagrams: the oldest is evicted', () => {
    const collector = new Collector({ fragments: { datagrams: 3 } });
    const firsts = Array.from({ length: 5 }, (_, i) => make.ipv4Fragments({ id: i }, DATAGRAM, 40)[0]);
    const lasts = Array.from({ length: 5 }, (_, i) => make.ipv4Fragments({ id: i }, DATAGRAM, 40)[1]);
    collector.decode(...numbered(firsts));
    expect(collector.decoder.held()).toMatchObject({ datagrams: 3 });
    expect(collector.counts).toEqual({ fragment_limit: 2 });
    collector.decode(...numbered(lasts.slice(2)));
    expect(collector.datagrams.map(({ cut }) => cut)).toEqual([true, true, false, false, false]);
  });

  test('bytes, including those of kept frames', () => {
    const collector = new Collector({ keepFrames: true, fragments: { bytes: 100_000 } });
    for (let id = 0; id < 200; id++) {
      collector.decode(make.frame(fragment(0, true, Buffer.alloc(4000), { id }), RAW));
      expect(collector.decoder.held().datagramBytes).toBeLessThanOrEqual(100_000);
    }
    expect(collector.counts.fragment_limit).toBeGreaterThan(150);
  });
});

describe('with tunnels', () => {
  test('fragments inside a tunnel, and a tunnel inside fragments, keep their frames', () => {
    const inner = make.ipv4Fragments({ id: 1 }, DATAGRAM, 40);
    const tunnelled = inner.map((packet, i) =>
      make.ipv4Fragments({ source: '127.1.0.1', destination: '127.1.0.2', id: 100 + i, protocol: make.IP_IPV4 }, packet, 32),
    );
    const packets = [tunnelled[0][0], tunnelled[1][1], tunnelled[0][1], tunnelled[1][0]];
    expect(tunnelled.map((each) => each.length)).toEqual([2, 2]);
    const collector = new Collector({ keepFrames: true });
    expect(collector.decode(...numbered(packets))).toEqual([HELD, HELD, HELD, DELIVERED]);
    expect(collector.datagrams).toMatchObject([
      { payload: TEXT.latin1Slice(), from: '127.0.0.1 5060', outer: '127.1.0.1 127.1.0.2', frame: 4 },
    ]);
    expect(collector.datagrams[0].frames).toEqual([1, 3, 2, 4]);
    expect(collector.decoder.held()).toMatchObject({ datagrams: 0, datagramBytes: 0 });
  });
});
