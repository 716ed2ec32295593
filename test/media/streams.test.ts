import { describe, expect, test } from '@jest/globals';
import { rFactor } from '../../src/lib/sip/index.js';
import { BACK, FORTH, START, answeredCall, datagram, hangUp, rtp, stream, telephoneEvent } from '../rigs/rtp.js';
import { follow } from './rig.js';

const both = (packets = 500) => [...stream({ packets }), ...stream({ packets, path: BACK, ssrc: 0x5678 })];

describe('streams of a call', () => {
  test('both directions, with codec, times and no anomalies', () => {
    const { streams, ledger } = follow([...answeredCall(), ...both(), ...hangUp()]);
    expect(streams).toHaveLength(2);
    expect(streams[0]).toMatchObject({
      callId: 'call-1',
      kind: 'audio',
      source: '192.0.2.1:4000',
      destination: '192.0.2.2:6000',
      ssrc: 0x1234,
      codec: 'PCMA',
      payloadType: 8,
      clockRate: 8000,
      startedAt: START + 1e6,
      endedAt: START + 1e6 + 499 * 20_000,
      packets: 500,
      expected: 500,
      lost: 0,
      late: 0,
      duplicates: 0,
      jitterMs: 0,
      maxJitterMs: 0,
      maxDeltaMs: 20,
      silences: 0,
      rFactor: 93.2,
      mos: 4.41,
      notes: [],
    });
    expect(streams[0].moments).toHaveLength(10);
    expect(ledger.without.toJSON()).toEqual({ rtp: 1000 });
    expect(ledger.received).toBe(1005);
  });

  test('losses, single and in bursts, with the worst moment', () => {
    const lost = [20, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109];
    const { stream: report } = follow([...answeredCall(), ...stream({ packets: 500, lost })]);
    expect(report).toMatchObject({ packets: 489, expected: 500, lost: 11, lossPercent: 2.2, lossRuns: 2, longestLoss: 10 });
    expect(report.rFactor).toBeLessThan(rFactor(2.2, 20, 'PCMA'));
    const worst = report.moments.reduce((a, b) => (b.lossPercent > a.lossPercent ? b : a));
    expect(worst).toMatchObject({ from: START + 3e6, lost: 10 });
  });

  test('late and repeated packets are not lost', () => {
    const { stream: report } = follow([...answeredCall(), ...stream({ packets: 200, delayed: { 50: 45, 120: 30 }, twice: [10, 11] })]);
    expect(report).toMatchObject({ packets: 200, lost: 0, late: 2, duplicates: 2 });
    expect(report.maxJitterMs).toBeGreaterThan(1);
  });

  test('jitter by the clock of the codec', () => {
    const delayed = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [2 * i, 8]));
    const { stream: report } = follow([...answeredCall(), ...stream({ packets: 500, delayed })]);
    // Every packet is 8 ms off against the one before.
    expect(report.maxJitterMs).toBeCloseTo(8, 2);
    expect(report.maxDeltaMs).toBe(28);
    expect(report.mos).toBeLessThanOrEqual(4.41);
  });

  test('a dynamic payload type, another clock, and a codec that changes', () => {
    const media = 'm=audio PORT RTP/AVP 96 9 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/48000\r\n';
    const { stream: report } = follow([
      ...answeredCall('call-1', 0, media),
      ...stream({ packets: 100, type: 96, ticks: 960 }),
      ...stream({ packets: 100, at: 3, type: 9, sequence: 200, timestamp: 5000 + 96_000 }),
    ]);
    expect(report).toMatchObject({ codec: 'G722', codecs: ['opus', 'G722'], clockRate: 8000, packets: 200, lost: 0 });
    expect(report.notes).toContain('estimate');
    expect(report.maxJitterMs).toBe(0);
  });

  test('digits within continuing audio', () => {
    const events = [1, 5].flatMap((event, n) =>
      Array.from({ length: 6 }, (_, i) =>
        datagram(
          FORTH,
          rtp({
            sequence: 150 + n * 6 + i,
            timestamp: 5000 + (50 + n * 6) * 160,
            type: 101,
            marker: i === 0,
            payload: telephoneEvent(event, i * 160),
          }),
          START + 2e6 + (n * 6 + i) * 20_000,
        ),
      ),
    );
    const { stream: report } = follow([
      ...answeredCall(),
      ...stream({ packets: 50 }),
      ...events,
      ...stream({ packets: 50, at: 2.24, sequence: 162, timestamp: 5000 + 62 * 160 }),
    ]);
    expect(report).toMatchObject({ digits: '15', events: 2, packets: 112, lost: 0, codecs: ['PCMA'], maxJitterMs: 0 });
  });

  test('comfort noise and pauses are silence, not loss; a stall is neither silence nor loss', () => {
    const noise = datagram(FORTH, rtp({ sequence: 200, timestamp: 5000 + 100 * 160, type: 13, payload: Buffer.from([60]) }), START + 3e6);
    const { stream: report } = follow([
      ...answeredCall(),
      ...stream({ packets: 100 }),
      noise,
      ...stream({ packets: 50, at: 5, sequence: 201, timestamp: 5000 + 200 * 160 }),
      // The clock goes on by one packet while a second passes: the network stood still.
      ...stream({ packets: 50, at: 7, sequence: 251, timestamp: 5000 + 250 * 160 }).map((frame) => {
        frame.bytes[frame.from + 43] &= 0x7f;
        return frame;
      }),
    ]);
    expect(report).toMatchObject({ comfortNoise: 1, silences: 1, silenceMs: 2000, lost: 0 });
    expect(report.maxDeltaMs).toBe(1020);
  });

  test('an SSRC that changes, and two senders with one', () => {
    const { streams } = follow([
      ...answeredCall(),
      ...stream({ packets: 100 }),
      ...stream({ packets: 100, at: 3.5, ssrc: 7 }),
      ...stream({ packets: 140, path: { ...FORTH, sourcePort: 4444 }, sequence: 9000 }),
    ]);
    expect(streams.map(({ ssrc, notes }) => [ssrc, notes])).toEqual([
      [0x1234, ['ssrc-collision']],
      [0x1234, ['ssrc-collision']],
      [7, ['ssrc-change']],
    ]);
  });

  test('one-way: answered, sendrecv, and no packets in the other direction', () => {
    const oneWay = [...answeredCall(), ...stream({ packets: 300 })];
    expect(follow(oneWay).stream.notes).toEqual(['one-way']);
    expect(follow(oneWay, {}, 0).stream.notes).toEqual([]);
    expect(follow([...oneWay, ...stream({ packets: 300, path: BACK })]).stream.notes).toEqual([]);
    const held = `m=audio PORT RTP/AVP 8\r\na=sendonly\r\n`;
    expect(follow([...answeredCall('call-1', 0, held), ...stream({ packets: 300 })]).stream.notes).toEqual([]);
    expect(follow([...answeredCall(), ...stream({ packets: 120 })]).stream.notes).toEqual([]);
  });

  test('short streams, duplicates and sequence jumps are flagged', () => {
    expect(follow([...answeredCall(), ...stream({ packets: 20 })]).stream).toMatchObject({ mos: null, rFactor: null, notes: ['short'] });
    const twice = Array.from({ length: 100 }, (_, i) => i);
    expect(follow([...answeredCall(), ...stream({ packets: 100, twice })]).stream.notes).toEqual(['seen-twice']);
    const jump = [...stream({ packets: 100 }), ...stream({ packets: 100, at: 3, sequence: 30_000, timestamp: 21_000 })];
    const { stream: report } = follow([...answeredCall(), ...jump]);
    expect(report).toMatchObject({ packets: 200, lost: 0, restarts: 1 });
    expect(report.notes).toContain('sequence-jumps');
  });

  test('a gap of many packets is flagged, since it may not be loss', () => {
    const gap = [...stream({ packets: 100 }), ...stream({ packets: 100, at: 40, sequence: 2050, timestamp: 5000 + 1950 * 160 })];
    const { stream: report } = follow([...answeredCall(), ...gap], {}, 0);
    expect(report).toMatchObject({ lost: 1850, longestLoss: 1850, notes: ['outage'] });
  });

  test('video and unknown codecs have no MOS, with the reason', () => {
    const media = 'm=audio PORT RTP/AVP 97\r\na=rtpmap:97 X-MINE/16000\r\n';
    const { stream: audio } = follow([...answeredCall('call-1', 0, media), ...stream({ packets: 100, type: 97, ticks: 320 })]);
    expect(audio).toMatchObject({ mos: null, rFactor: null, jitterMs: 0, notes: ['codec-unknown'] });
    const film = 'm=video PORT RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n';
    const { stream: video } = follow([...answeredCall('call-1', 0, film), ...stream({ packets: 100, type: 97, ticks: 1800 })]);
    expect(video).toMatchObject({ kind: 'video', mos: null, jitterMs: 0, notes: ['not-audio'] });
  });
});
