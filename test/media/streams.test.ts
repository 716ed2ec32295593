import { describe, expect, test } from '@jest/globals';
import { rFactor } from '../../src/lib/sip/index.js';
import {
  BACK,
  CALLEE,
  CALLER,
  FORTH,
  INVITE,
  START,
  answeredCall,
  datagram,
  hangUp,
  rtp,
  sdp,
  signal,
  stream,
  telephoneEvent,
} from '../rigs/rtp.js';
import { follow } from './rig.js';

const both = (packets = 500) => [...stream({ packets }), ...stream({ packets, path: BACK, ssrc: 0x5678 })];

describe('streams of a call', () => {
  test('both directions, with codec, times and nothing wrong', () => {
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

  test('losses, alone and in bursts, with the moment they were worst', () => {
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

  test('digits, between audio that goes on', () => {
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

  test('comfort noise and pauses are silence, not loss; a stall is neither', () => {
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

  test('one-way: answered, announced both ways, and nothing came back', () => {
    const oneWay = [...answeredCall(), ...stream({ packets: 300 })];
    expect(follow(oneWay).stream.notes).toEqual(['one-way']);
    expect(follow(oneWay, {}, 0).stream.notes).toEqual([]);
    expect(follow([...oneWay, ...stream({ packets: 300, path: BACK })]).stream.notes).toEqual([]);
    const held = `m=audio PORT RTP/AVP 8\r\na=sendonly\r\n`;
    expect(follow([...answeredCall('call-1', 0, held), ...stream({ packets: 300 })]).stream.notes).toEqual([]);
    expect(follow([...answeredCall(), ...stream({ packets: 120 })]).stream.notes).toEqual([]);
  });

  test('short, seen twice, sequence numbers that jump: noted', () => {
    expect(follow([...answeredCall(), ...stream({ packets: 20 })]).stream.notes).toEqual(['short']);
    const twice = Array.from({ length: 100 }, (_, i) => i);
    expect(follow([...answeredCall(), ...stream({ packets: 100, twice })]).stream.notes).toEqual(['seen-twice']);
    const jump = [...stream({ packets: 100 }), ...stream({ packets: 100, at: 3, sequence: 30_000, timestamp: 21_000 })];
    const { stream: report } = follow([...answeredCall(), ...jump]);
    expect(report).toMatchObject({ packets: 200, lost: 0, restarts: 1 });
    expect(report.notes).toContain('sequence-jumps');
  });

  test('a gap of many packets: noted, since it may be no loss', () => {
    const gap = [...stream({ packets: 100 }), ...stream({ packets: 100, at: 40, sequence: 2050, timestamp: 5000 + 1950 * 160 })];
    const { stream: report } = follow([...answeredCall(), ...gap], {}, 0);
    expect(report).toMatchObject({ lost: 1850, longestLoss: 1850, notes: ['outage'] });
  });

  test('video and unknown codecs have no MOS, and it says why', () => {
    const media = 'm=audio PORT RTP/AVP 97\r\na=rtpmap:97 X-MINE/16000\r\n';
    const { stream: audio } = follow([...answeredCall('call-1', 0, media), ...stream({ packets: 100, type: 97, ticks: 320 })]);
    expect(audio).toMatchObject({ mos: null, rFactor: null, jitterMs: 0, notes: ['codec-unknown'] });
    const film = 'm=video PORT RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n';
    const { stream: video } = follow([...answeredCall('call-1', 0, film), ...stream({ packets: 100, type: 97, ticks: 1800 })]);
    expect(video).toMatchObject({ kind: 'video', mos: null, jitterMs: 0, notes: ['not-audio'] });
  });
});

describe('which call a stream is of', () => {
  test('media before the answer that announces it, on both sides', () => {
    const frames = [
      signal(INVITE, { body: sdp(CALLER) }),
      ...stream({ packets: 100, at: 0.2 }),
      ...stream({ packets: 100, at: 0.2, path: BACK }),
    ];
    const { streams } = follow([...frames, signal('SIP/2.0 200 OK', { at: 1, body: sdp(CALLEE), toTag: 'bt1' })]);
    expect(streams.map(({ callId, packets, codec }) => [callId, packets, codec])).toEqual([
      ['call-1', 100, 'PCMA'],
      ['call-1', 100, 'PCMA'],
    ]);
  });

  test('early media of several branches', () => {
    const branch = (n: number) => ({ source: `192.0.2.${10 + n}`, sourcePort: 7000 });
    const { streams } = follow([
      signal(INVITE, { body: sdp(CALLER) }),
      ...[1, 2].map((n) => signal('SIP/2.0 183 Session Progress', { at: 0.1 * n, body: sdp(branch(n)), toTag: `b${n}` })),
      ...[1, 2].flatMap((n) =>
        stream({ packets: 60, at: 0.5, ssrc: n, path: { ...branch(n), destination: CALLER.source, destinationPort: CALLER.sourcePort } }),
      ),
    ]);
    expect(streams.map(({ source, callId }) => [source, callId])).toEqual([
      ['192.0.2.11:7000', 'call-1'],
      ['192.0.2.12:7000', 'call-1'],
    ]);
  });

  test('a re-INVITE moves the media', () => {
    const moved = { source: '198.51.100.7', sourcePort: 9000 };
    const { streams } = follow([
      ...answeredCall(),
      ...stream({ packets: 100 }),
      signal(INVITE, { at: 4, body: sdp(moved), toTag: 'bt1', cseq: '3 INVITE' }),
      ...stream({ packets: 100, at: 4.5, path: { ...moved, destination: CALLEE.source, destinationPort: CALLEE.sourcePort } }),
    ]);
    expect(streams.map(({ source, callId }) => [source, callId])).toEqual([
      ['192.0.2.1:4000', 'call-1'],
      ['198.51.100.7:9000', 'call-1'],
    ]);
  });

  test('behind NAT: the address that sends to an announced one, and what is sent back there', () => {
    const outside = { source: '203.0.113.9', sourcePort: 62_000 };
    const answer = { source: '203.0.113.80', sourcePort: 12_000 };
    const { streams } = follow([
      ...answeredCall('call-1', 0, 'm=audio PORT RTP/AVP 8\r\n'),
      ...stream({ packets: 100, path: { ...outside, destination: CALLEE.source, destinationPort: CALLEE.sourcePort } }),
      ...stream({ packets: 100, at: 1.01, path: { ...CALLEE, destination: outside.source, destinationPort: outside.sourcePort } }),
      ...stream({ packets: 100, at: 1.02, path: { ...answer, destination: outside.source, destinationPort: outside.sourcePort } }),
    ]);
    expect(streams.map(({ callId }) => callId)).toEqual(['call-1', 'call-1', 'call-1']);
  });

  test('ICE candidates, SRTP and rtcp-mux: RTCP on the same port is RTCP', () => {
    const media = 'm=audio PORT UDP/TLS/RTP/SAVPF 8\r\na=rtcp-mux\r\na=candidate:1 1 UDP 1 198.51.100.9 5555 typ host\r\n';
    const report = Buffer.concat([Buffer.from([0x80, 201, 0, 1]), Buffer.alloc(4)]);
    const path = { source: '198.51.100.9', sourcePort: 5555, destination: '198.51.100.10', destinationPort: 5556 };
    const { streams, ledger } = follow([
      ...answeredCall('call-1', 0, media),
      ...stream({ packets: 100, path }),
      datagram(path, report, START + 2e6),
    ]);
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ callId: 'call-1', encrypted: true, packets: 100, codec: 'PCMA' });
    expect(ledger.found).toBe(4);
  });

  test('IPv6, and RTP within a TURN channel', () => {
    const caller = { source: '2001:db8::1', sourcePort: 4000 };
    const path = { source: '2001:db8::2', sourcePort: 3478, destination: '2001:db8::1', destinationPort: 4000 };
    const inChannel = Array.from({ length: 60 }, (_, i) => {
      const inner = rtp({ sequence: i, timestamp: i * 160 });
      return datagram(path, Buffer.concat([Buffer.from([0x40, 1, 0, inner.length]), inner]), START + 1e6 + i * 20_000);
    });
    const { streams } = follow([
      signal(INVITE, { body: sdp(caller) }),
      ...inChannel,
      ...stream({ packets: 60, path: { ...path, sourcePort: 5000 } }),
    ]);
    expect(streams.map(({ source, packets }) => [source, packets])).toEqual([
      ['[2001:db8::2]:3478', 60],
      ['[2001:db8::2]:5000', 60],
    ]);
  });

  test('ports that are used again belong to the newer call', () => {
    const { streams } = follow([
      ...answeredCall('call-1', 0),
      ...stream({ packets: 100 }),
      ...hangUp('call-1', 4),
      ...answeredCall('call-2', 40),
      // The same SSRC: a sender that never changes it.
      ...stream({ packets: 100, at: 41, sequence: 900 }),
    ]);
    const packets = (each: typeof streams) => each.map((report) => [report.callId, report.packets]);
    expect(packets(streams)).toEqual([
      ['call-1', 100],
      ['call-2', 100],
    ]);
    const soon = [...answeredCall('call-1', 0), ...stream({ packets: 100 }), ...hangUp('call-1', 4), ...answeredCall('call-2', 5)];
    expect(packets(follow([...soon, ...stream({ packets: 100, at: 6, sequence: 900 })]).streams)).toEqual(packets(streams));
  });

  test('noise that looks like RTP is of no call, and no SIP is taken for media', () => {
    const dns = Array.from({ length: 50 }, (_, i) =>
      datagram(
        { source: '192.0.2.53', sourcePort: 53, destination: '192.0.2.1', destinationPort: 40_000 + i },
        Buffer.alloc(40, 0x85),
        START + i,
      ),
    );
    const { streams, ledger } = follow([...answeredCall(), ...dns]);
    expect(streams).toEqual([]);
    expect(ledger.without.toJSON()).toEqual({ no_sip: 50 });
    expect(ledger.found).toBe(3);
  });

  test('without signalling: by heuristic where it is wanted, and marked', () => {
    const frames = [
      ...stream({ packets: 200 }),
      ...stream({ packets: 200, path: BACK, type: 98, ticks: 320, ssrc: 2 }),
      ...stream({ packets: 5, path: { ...FORTH, sourcePort: 9999 } }),
    ];
    expect(follow(frames).streams).toEqual([]);
    const { streams } = follow(frames, { guess: true });
    expect(streams).toHaveLength(2);
    expect(streams[0]).toMatchObject({ callId: '', codec: 'PCMA', packets: 200, mos: 4.41, notes: ['guess'] });
    expect(streams[1]).toMatchObject({ codec: 'type 98', clockRate: 16_000, mos: null, jitterMs: 0 });
    expect(streams[1].notes).toEqual(['codec-unknown', 'guess', 'clock-estimated']);
  });
});
