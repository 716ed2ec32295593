import { describe, expect, test } from '@jest/globals';
import { Ledger } from '../../src/lib/base/index.js';
import { FrameExtractor } from '../../src/lib/extract/frame-extractor.js';
import { MediaWatch } from '../../src/lib/extract/media-watch.js';
import { STREAM_LIMITS, type StreamReport } from '../../src/lib/media/index.js';
import { usedMemory } from '../rigs/memory.js';
import { CALLEE, FORTH, INVITE, START, answeredCall, datagram, rtp, sdp, signal, stream } from '../rigs/rtp.js';
import { follow } from './rig.js';

describe('limits', () => {
  test('streams without a call are evicted first, and do not count as lost', () => {
    const limits = { maxStreams: 20, maxUnknown: 5 };
    const noise = Array.from({ length: 100 }, (_, i) =>
      datagram(
        { ...FORTH, source: '198.51.100.1', destination: '198.51.100.2' },
        rtp({ sequence: 1, timestamp: 1, ssrc: i }),
        START + 1.5e6 + i,
      ),
    );
    const { streams, watch, ledger } = follow([...answeredCall(), ...stream({ packets: 100 }), ...noise], { limits });
    expect(streams).toHaveLength(1);
    expect(streams[0].packets).toBe(100);
    expect(watch.size).toBe(6);
    expect(ledger.notes.toJSON()).toEqual({ rtp_unknown_evicted: 95 });
  });

  test('beyond the limit, the call stream idle longest is evicted, reported and counted', () => {
    const evicted: StreamReport[] = [];
    const streams = Array.from({ length: 30 }, (_, i) => stream({ packets: 3, at: 1 + i, ssrc: 1000 + i })).flat();
    const { watch, ledger } = follow([...answeredCall(), ...streams], {
      limits: { maxStreams: 10, maxUnknown: 5 },
      onEvict: (report) => evicted.push(report),
    });
    expect(watch.size).toBe(10);
    expect(evicted.map(({ ssrc, packets }) => [ssrc, packets])).toEqual(Array.from({ length: 20 }, (_, i) => [1000 + i, 3]));
    expect(ledger.notes.toJSON()).toEqual({ rtp_streams_evicted: 20 });
  });

  test('a sender that changes its SSRC with each packet has no more than 256 streams, in time that does not grow', () => {
    const forged = Array.from({ length: 20_000 }, (_, i) => datagram(FORTH, rtp({ sequence: i, timestamp: i, ssrc: i }), START + 1e6 + i));
    const { watch, messages } = follow([...answeredCall(), ...forged], { reports: true });
    expect(watch.counters().toJSON()).toEqual({ rtp_streams_evicted: 19_744, rtp_single_packets: 20_000 });
    expect(messages).toHaveLength(3);
  });

  test('the streams of an ended call are forgotten', () => {
    const { watch } = follow([...answeredCall(), ...stream({ packets: 10 }), ...stream({ packets: 10, ssrc: 9 })]);
    expect(watch.reportsOf('call-1')).toHaveLength(2);
    watch.release('call-1');
    watch.release('call-2');
    expect(watch.size).toBe(0);
    expect(watch.reportsOf('call-1')).toEqual([]);
  });
});

test('a stream takes less than 1 kB', () => {
  const STREAMS = 20_000;
  const watch = new MediaWatch({ guess: false, limits: { ...STREAM_LIMITS, maxOfCall: STREAMS } });
  const extractor = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false, media: watch },
    new Ledger(),
    () => '',
    () => true,
  );
  extractor.frame(signal(INVITE, { body: sdp(CALLEE) }));
  // One frame, of which addresses, SSRC and numbers change.
  const frame = datagram(FORTH, rtp({ sequence: 0, timestamp: 0 }), START);
  const { bytes } = frame;
  const [sourceAt, rtpAt] = [frame.from + 26, frame.from + 42];
  const before = usedMemory();
  for (let round = 0; round < 3; round++)
    for (let i = 0; i < STREAMS; i++) {
      frame.capturedAt = START + 1e6 + round * 25_000 + i / 10;
      bytes.writeUInt32BE(0x0a000000 + (i >> 2), sourceAt);
      bytes.writeUInt16BE(round === 2 ? 5 : round, rtpAt + 2);
      bytes.writeUInt32BE(round * 160, rtpAt + 4);
      bytes.writeUInt32BE(i, rtpAt + 8);
      extractor.frame(frame);
    }
  expect(watch.size).toBe(STREAMS);
  expect((usedMemory() - before) / STREAMS).toBeLessThan(1000);
  expect(watch.packets).toBe(3 * STREAMS);
});
