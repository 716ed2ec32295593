/** Random, damaged and plausible bytes through the decoder and the printer: nothing throws, everything stays within its limits. */
import { expect, test } from '@jest/globals';
import { printFrame } from '../../src/lib/decode/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';
import { COMPOSITES } from './composites.js';

const ROUNDS = Number(process.env.SIPCAP_FUZZ_ROUNDS ?? 60_000);
const LINK_TYPES = [0, 1, 12, 101, 108, 113, 228, 229, 276, 77];

/** xorshift32: the same bytes in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function streams(): { linkType: number; bytes: Buffer }[] {
  const text = Buffer.from('MESSAGE sip:a SIP/2.0\r\n\r\n');
  const rows = [
    ...make.ipv4Fragments({}, make.udp({}, text), 16),
    ...make.ipv6Fragments({}, make.udp({}, text), 16),
    make.ipv4({ protocol: make.IP_TCP }, make.tcp({ flags: 'S', sequence: 1 })),
    make.ipv4({ protocol: make.IP_TCP }, make.tcp({ sequence: 2 }, text)),
    make.ipv4({ protocol: make.IP_TCP }, make.tcp({ sequence: 90 }, text)),
    make.ipv4({ protocol: make.IP_TCP }, make.tcp({ sequence: 40, flags: 'FA' }, text)),
    make.ipv4(
      { protocol: make.IP_SCTP },
      make.sctp({}, make.sctpData({ transmission: 1, last: false }, text), make.sctpData({ transmission: 2, first: false }, text)),
    ),
  ];
  return rows.map((bytes) => ({ linkType: make.LINK.raw as number, bytes }));
}

test(`${ROUNDS} frames with a fixed seed`, () => {
  const next = random(0x5eed);
  const models = [...COMPOSITES, ...streams()];
  const collector = new Collector({
    keepFrames: true,
    fragments: { datagrams: 50, bytes: 100_000 },
    streams: { streams: 60, bytesPerStream: 10_000, bytes: 40_000 },
    sctp: { associations: 20, bytes: 20_000 },
  });
  const results = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const model = models[next(models.length)];
    let bytes = Buffer.from(model.bytes);
    let { linkType } = model;
    const kind = next(4);
    if (kind === 0) {
      bytes = Buffer.alloc(next(120));
      for (let i = 0; i < bytes.length; i++) bytes[i] = next(256);
      linkType = LINK_TYPES[next(LINK_TYPES.length)];
    } else if (kind < 3) {
      for (let flips = 1 + next(4); flips > 0; flips--) bytes[next(bytes.length)] ^= 1 << next(8);
    }
    if (next(8) === 0) bytes = bytes.subarray(0, next(bytes.length + 1));
    const frame = make.frame(bytes, { linkType, number: round + 1, capturedAt: 1e15 + round * 500 + (next(500) === 0 ? next(1e9) : 0) });
    if (next(10) === 0) frame.originalLength += next(2000);
    const [result] = collector.decode(frame);
    results.set(result, (results.get(result) ?? 0) + 1);
    if (round % 8 === 0) expect(printFrame(frame).length).toBeLessThan(70);
    const held = collector.decoder.held();
    if (
      held.datagrams > 100 ||
      held.datagramBytes > 200_000 ||
      held.connections > 60 ||
      held.streamBytes > 40_000 ||
      held.associations > 20 ||
      held.associationBytes > 20_000
    ) {
      throw new Error(`round ${round}: ${JSON.stringify(held)}`);
    }
    collector.datagrams.length = 0;
  }
  collector.decoder.finish();
  expect(collector.decoder.held()).toEqual({
    datagrams: 0,
    datagramBytes: 0,
    connections: 0,
    streamBytes: 0,
    associations: 0,
    associationBytes: 0,
  });
  for (const stream of collector.streams) expect(stream.ended).toBe(1);
  // All outcomes were met: the fuzz goes deep enough to mean something.
  for (const outcome of [0, 1, 2, 4, 8]) expect(results.get(outcome) ?? 0).toBeGreaterThan(20);
  for (const reason of ['too_short', 'truncated', 'bad_version', 'bad_fragment', 'fragment_age', 'stream_gap', 'unknown_protocol'])
    expect(collector.counts[reason]).toBeGreaterThan(0);
});
