/** Which call a stream belongs to, however it was announced. */
import { describe, expect, test } from '@jest/globals';
import { BACK, CALLEE, CALLER, FORTH, INVITE, START, answeredCall, datagram, hangUp, rtp, sdp, signal, stream } from '../rigs/rtp.js';
import { follow } from './rig.js';

describe('the call of a stream', () => {
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

  test('behind NAT: the address that sends to an announced one, and the replies to it', () => {
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

  test('IPv6, and RTP inside a TURN channel', () => {
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

  test('reused ports belong to the newer call', () => {
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

  test('noise that looks like RTP belongs to no call, and SIP is not mistaken for media', () => {
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

  test('without signalling: by heuristic if enabled, and marked', () => {
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
