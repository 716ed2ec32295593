import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FAMILY_IPV6, LINK_ETHERNET, type Message } from '../../src/lib/base/index.js';
import { FrameSynthesizer, PcapWriter } from '../../src/lib/format/index.js';
import { Collector } from '../decode/collect.js';
import { hepMessage, options } from '../rigs/messages.js';

const IPV6 = { family: FAMILY_IPV6, sourceAddress: '2001:db8::1', destinationAddress: '2001:db8::2' };

function frames(...messages: Message[]) {
  const synthesizer = new FrameSynthesizer();
  return messages.flatMap((message) => synthesizer.frames(message));
}

describe('read by our own decoder', () => {
  test.each<[string, Partial<Message>]>([
    ['IPv4', {}],
    ['IPv6', IPV6],
    ['a VLAN', { vlan: 42 }],
    ['SCTP', { protocol: 132 }],
    ['SCTP over IPv6, of odd length', { protocol: 132, ...IPV6, payload: options('odd', 3) }],
    ['an IPv4 address among IPv6', { ...IPV6, destinationAddress: '127.0.0.9' }],
    ['unknown addresses', { sourceAddress: '', destinationAddress: '', sourcePort: 0, destinationPort: 0, family: 0 }],
    ['no payload but one byte', { payload: Buffer.from('x') }],
  ])('as a datagram: %s', (_name, members) => {
    const message = hepMessage(members);
    const [frame] = frames(message);
    const collector = new Collector();
    collector.decoder.decode(frame);
    const isIpv6 = message.family === FAMILY_IPV6;
    const address = (text: string) => (text === '' ? '0.0.0.0' : isIpv6 && !text.includes(':') ? `::ffff:${text}` : text);
    expect(collector.datagrams).toMatchObject([
      {
        payload: message.payload.toString('latin1'),
        from: `${address(message.sourceAddress)} ${message.sourcePort}`,
        to: `${address(message.destinationAddress)} ${message.destinationPort}`,
        protocol: message.protocol,
        vlan: message.vlan,
        capturedAt: message.capturedAt,
      },
    ]);
    expect(frame).toMatchObject({ linkType: LINK_ETHERNET, from: 0, to: frame.bytes.length, originalLength: frame.bytes.length });
  });

  test.each([6, 22, 50])('protocol %d as one TCP stream for each direction', (protocol) => {
    const there = [hepMessage({ protocol, payload: options('1') }), hepMessage({ protocol, payload: options('2') })];
    const back = hepMessage({
      protocol,
      sourceAddress: '127.0.0.2',
      sourcePort: 5080,
      destinationAddress: '127.0.0.1',
      destinationPort: 5060,
      payload: Buffer.from('SIP/2.0 200 OK\r\n\r\n'),
    });
    const collector = new Collector();
    for (const frame of frames(there[0], back, there[1])) collector.decoder.decode(frame);
    collector.decoder.finish();
    expect(collector.streams.map(({ bytes }) => bytes.toString())).toEqual([
      there[0].payload.toString() + there[1].payload.toString(),
      back.payload.toString(),
    ]);
    expect(collector.streams.flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  test.each([17, 6, 132])('protocol %d: a message too large for a datagram becomes segments of one stream', (protocol) => {
    const payload = options('large', 150_000);
    const parts = frames(hepMessage({ protocol, payload }));
    // A SYN first.
    expect(parts).toHaveLength(1 + Math.ceil(payload.length / 32_768));
    const collector = new Collector();
    for (const frame of parts) collector.decoder.decode(frame);
    collector.decoder.finish();
    expect(collector.streams[0].bytes.equals(payload)).toBe(true);
  });

  test('the largest datagram is still a datagram', () => {
    expect(frames(hepMessage({ payload: Buffer.alloc(65_467, 0x61) }))).toHaveLength(1);
    expect(frames(hepMessage({ payload: Buffer.alloc(65_468, 0x61) }))).toHaveLength(3);
    const [frame] = frames(hepMessage({ ...IPV6, payload: Buffer.alloc(65_467, 0x61) }));
    const collector = new Collector();
    collector.decoder.decode(frame);
    expect(collector.datagrams[0].payload).toHaveLength(65_467);
  });
});

if (spawnSync('tshark', ['-v']).status !== 0) {
  test.skip('tshark is not installed: the checksums are not verified', () => {});
} else {
  test('tshark finds every checksum correct and every message complete', () => {
    const messages = [17, 6, 132].flatMap((protocol) => [
      hepMessage({ protocol, payload: options(`${protocol}-4`, 7) }),
      hepMessage({ protocol, payload: options(`${protocol}-6`, 8), ...IPV6 }),
      hepMessage({ protocol, payload: options(`${protocol}-again`), vlan: 7 }),
      hepMessage({ protocol, payload: options(`${protocol}-large`, 100_000), sourcePort: 5062, destinationPort: 5060 }),
    ]);
    const rows = tshark(messages);
    expect(rows.filter(([, , ...marks]) => marks.some((mark) => /0/.test(mark)))).toEqual([]);
    // A large message shows with its last segment.
    const found = rows.map(([callId]) => callId).filter((callId) => callId !== '');
    expect(found.sort()).toEqual(messages.map(({ payload }) => /Call-ID: (\S+)/.exec(payload.toString())![1]).sort());
    expect(rows.filter(([, problem]) => problem !== '')).toEqual([]);
  });
}

/** Call-ID, complaint, and for each checksum 1 for right and 0 for wrong. */
function tshark(messages: Message[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-frames-'));
  try {
    const writer = new PcapWriter(LINK_ETHERNET);
    const records = frames(...messages).map((frame) => {
      const record = Buffer.alloc(writer.bytesFor(frame));
      writer.write(frame, record, 0);
      return record;
    });
    writeFileSync(join(folder, 'frames.pcap'), Buffer.concat([writer.fileHeader(), ...records]));
    const fields = [
      'sip.Call-ID',
      '_ws.malformed',
      'ip.checksum.status',
      'udp.checksum.status',
      'tcp.checksum.status',
      'sctp.checksum.status',
    ];
    const checks = ['ip.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'tcp.check_checksum:TRUE', 'sctp.checksum:TRUE'];
    const text = execFileSync(
      'tshark',
      [
        '-r',
        join(folder, 'frames.pcap'),
        ...checks.flatMap((check) => ['-o', check]),
        '-T',
        'fields',
        ...fields.flatMap((field) => ['-e', field]),
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
