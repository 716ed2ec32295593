/** RTP that is not a datagram of its own: TURN channels and indications, and TCP in each of its framings. */
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { MediaFramer } from '../../src/lib/media/stream-framing.js';
import { ETHER_IPV4, ethernet, frame, gre, gtp, ipv4, tcpPacket, udpPacket, vxlan } from '../rigs/frames.js';
import { BACK, CALLEE, CALLER, FORTH, INVITE, START, answeredCall, datagram, rtp, sdp, signal, stream, type Path } from '../rigs/rtp.js';
import { follow } from './rig.js';

const SERVER = { destination: '203.0.113.9', destinationPort: 3478 };
const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

function stun(type: number, ...attributes: Buffer[]): Buffer {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(20, 7);
  head.writeUInt16BE(type);
  head.writeUInt16BE(body.length, 2);
  COOKIE.copy(head, 4);
  return Buffer.concat([head, body]);
}

function peer(address: string, port: number): Buffer {
  const value = Buffer.from([0, 1, 0, 0, ...address.split('.').map((part, i) => Number(part) ^ COOKIE[i])]);
  value.writeUInt16BE(port ^ 0x2112, 2);
  return attribute(0x0012, value);
}

const packets = (count: number, wrap: (packet: Buffer) => Buffer, path: Path, ssrc = 1) =>
  Array.from({ length: count }, (_, i) => datagram(path, wrap(rtp({ sequence: i, timestamp: i * 160, ssrc })), START + 1e6 + i * 20_000));
const channel = (packet: Buffer) => Buffer.concat([Buffer.from([0x40, 1, 0, packet.length]), packet]);

describe('TURN', () => {
  test('channels belong to the call of the peer that the client has bound, and not to another behind the same server', () => {
    const frames: Frame[] = [];
    for (const [i, callId] of ['one', 'two'].entries()) {
      // The client sends from ports that no description has.
      const client = { source: '10.0.0.1', sourcePort: 50_000 + i };
      const far = { source: '198.51.100.1', sourcePort: 7000 + 2 * i };
      const bind = stun(0x0009, attribute(0x000c, Buffer.from([0x40, 1, 0, 0])), peer(far.source, far.sourcePort));
      frames.push(signal(INVITE, { callId, body: sdp(far) }), datagram({ ...client, ...SERVER }, bind, START + 1000));
      frames.push(...packets(60, channel, { ...client, ...SERVER }, i));
    }
    const { streams } = follow(frames);
    expect(streams.map(({ callId, destination, peer: end, packets: count, notes }) => [callId, destination, end, count, notes])).toEqual([
      ['one', '203.0.113.9:3478', '198.51.100.1:7000', 60, ['relayed']],
      ['two', '203.0.113.9:3478', '198.51.100.1:7002', 60, ['relayed']],
    ]);
  });

  test('Send and Data indications', () => {
    const client = { source: '10.0.0.1', sourcePort: 50_000 };
    const back = { source: SERVER.destination, sourcePort: 3478, destination: '10.0.0.1', destinationPort: 50_000 };
    const wrap = (type: number) => (packet: Buffer) => stun(type, peer(CALLEE.source, CALLEE.sourcePort), attribute(0x0013, packet));
    const { streams } = follow([
      signal(INVITE, { body: sdp(CALLEE) }),
      ...packets(60, wrap(0x0016), { ...client, ...SERVER }),
      ...packets(50, wrap(0x0017), back),
    ]);
    const found = streams.map(({ callId, source, peer: end, packets: count }) => [callId, source, end, count]);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual(['call-1', '10.0.0.1:50000', '192.0.2.2:6000', 60]);
    expect(found).toContainEqual(['call-1', '203.0.113.9:3478', '192.0.2.2:6000', 50]);
  });

  test('damaged STUN is no media', () => {
    const whole = stun(0x0016, peer('192.0.2.2', 6000), attribute(0x0013, rtp({ sequence: 1, timestamp: 1 })));
    const cuts = Array.from({ length: whole.length - 1 }, (_, i) => datagram(FORTH, whole.subarray(0, i + 1), START + 1e6 + i));
    expect(follow([...answeredCall(), ...cuts]).streams).toEqual([]);
  });
});

const lengths = (packet: Buffer) => Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 255]), packet]);
const interleaved = (packet: Buffer) => Buffer.concat([Buffer.from([0x24, 0, packet.length >> 8, packet.length & 255]), packet]);
const REPORT = Buffer.concat([Buffer.from([0x80, 201, 0, 1]), Buffer.alloc(4)]);

/** A stream of bytes in segments of the given size, 0 for a segment a packet. */
function segments(path: Path, pieces: readonly Buffer[], size = 0): Frame[] {
  const bytes = Buffer.concat(pieces);
  const parts: Buffer[] = [];
  if (size === 0) parts.push(...pieces);
  else for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  let sequence = 1;
  const syn = frame(ethernet(ETHER_IPV4, tcpPacket({ ...path, sequence: 0, flags: 'S' })), { capturedAt: START + 900_000 });
  const frames = parts.map((part, i) => {
    const packet = tcpPacket({ ...path, sequence, flags: 'PA' }, part);
    sequence += part.length;
    return frame(ethernet(ETHER_IPV4, packet), { capturedAt: START + 1e6 + i * 20_000 });
  });
  return [syn, ...frames];
}

describe('RTP over TCP', () => {
  const audio = (wrap: (packet: Buffer) => Buffer, count = 60) =>
    Array.from({ length: count }, (_, i) => wrap(rtp({ sequence: i, timestamp: i * 160, payload: Buffer.alloc(160 + (i % 3)) })));
  const media = 'm=audio PORT TCP/RTP/AVP 8\r\na=setup:passive\r\n';

  test.each([
    ['RFC 4571', lengths, 0],
    ['RFC 4571, in segments of any size', lengths, 100],
    ['interleaved with RTSP', interleaved, 0],
    ['interleaved with RTSP, in segments of any size', interleaved, 333],
  ])('%s', (_, wrap, size) => {
    const { streams, ledger } = follow([
      signal(INVITE, { body: sdp(CALLER, media) }),
      signal('SIP/2.0 200 OK', { at: 0.5, body: sdp(CALLEE, media), toTag: 'bt1' }),
      ...segments(FORTH, [...audio(wrap), wrap(REPORT)], size),
    ]);
    expect(streams).toMatchObject([{ callId: 'call-1', source: '192.0.2.1:4000', packets: 60, lost: 0, codec: 'PCMA' }]);
    if (size === 0) expect(ledger.without.toJSON()).toMatchObject({ rtp: 60 });
  });

  test('lines of RTSP between packets; TURN channels with padding, STUN between them', () => {
    const lines = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n');
    const padded = (packet: Buffer) => Buffer.concat([channel(packet), Buffer.alloc(-packet.length & 3)]);
    const relayed = audio(padded);
    relayed.splice(20, 0, stun(0x0001));
    const rtsp = audio(interleaved);
    rtsp.splice(20, 0, lines);
    for (const pieces of [relayed, rtsp])
      expect(follow([...answeredCall(), ...segments(FORTH, pieces, 500)]).streams).toMatchObject([{ packets: 60, lost: 0 }]);
  });

  test('a lost segment costs its packets, and SIP on the same connection is found as before', () => {
    const pieces = audio(lengths);
    const frames = segments(FORTH, pieces);
    const call = answeredCall();
    const { streams, messages } = follow([...call, ...frames.filter((_, i) => i !== 31), ...segments(BACK, [Buffer.from('\r\n\r\n')])]);
    expect(streams).toMatchObject([{ packets: 59, lost: 1 }]);
    expect(messages).toHaveLength(call.length);
  });

  test('what a framer holds is bounded, whatever comes', () => {
    let found = 0;
    const framer = new MediaFramer(() => found++);
    for (let i = 0; i < 2000; i++) {
      const bytes = Buffer.alloc(1 + ((i * 7919) % 400), (i * 31) & 255);
      if (i % 3 === 0) lengths(rtp({ sequence: i, timestamp: 0 })).copy(bytes);
      framer.push(bytes, 0, bytes.length);
      expect(framer.heldBytes).toBeLessThanOrEqual(0x4000 + 400);
    }
    expect(found).toBeGreaterThan(0);
  });
});

const OUTER = { source: '10.9.9.1', destination: '10.9.9.2' };

describe('in tunnels', () => {
  const tunnels: Record<string, (inner: Buffer) => Buffer> = {
    'IP in IP': (inner) => ipv4({ ...OUTER, protocol: 4 }, inner),
    GRE: (inner) => ipv4({ ...OUTER, protocol: 47 }, gre({ protocol: ETHER_IPV4 }, inner)),
    VXLAN: (inner) => udpPacket({ ...OUTER, sourcePort: 40_000, destinationPort: 4789 }, vxlan(ethernet(ETHER_IPV4, inner))),
    GTP: (inner) => udpPacket({ ...OUTER, sourcePort: 2152, destinationPort: 2152 }, gtp(inner)),
  };

  test.each(Object.keys(tunnels))('%s', (name) => {
    const within = stream({ packets: 60 }).map((each) => {
      const inner = each.bytes.subarray(each.from + 14, each.to);
      return frame(ethernet(ETHER_IPV4, tunnels[name](Buffer.from(inner))), { capturedAt: each.capturedAt });
    });
    expect(follow([...answeredCall(), ...within]).streams).toMatchObject([
      { callId: 'call-1', source: '192.0.2.1:4000', packets: 60, lost: 0 },
    ]);
  });
});
