/** Memory under attack: whatever the hostile traffic, the process stays below 400 MB. Runs the built program's parts. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const MAX_KILOBYTES = 400 * 1024;
const dist = resolve(import.meta.dirname, '../../dist/lib');

/** Bodies of a loop over `i`: each sends its traffic through `tcp`, `udp` or `frame`. */
const ATTACKS: Record<string, string> = {
  'WebSocket messages in frames of one byte': `
    const port = i % 20000;
    if (i < 20000) tcp(port, 'GET / HTTP/1.1\\r\\nUpgrade: websocket\\r\\n\\r\\n');
    else tcp(port, Buffer.concat(Array.from({ length: 20 }, (_, k) => Buffer.from([i < 40000 && k === 0 ? 0x01 : 0x00, 1, 65]))));`,
  'unfinished SIP heads on many connections': `tcp(i % 60000, i < 60000 ? 'INVITE sip:a SIP/2.0\\r\\nVia: x\\r\\n' : 'X: ' + 'y'.repeat(1200) + '\\r\\n');`,
  'promised bodies that never end': `tcp(i % 30000, i < 30000 ? 'INVITE sip:a SIP/2.0\\r\\nCall-ID: x\\r\\nl: 1000000\\r\\n\\r\\n' : Buffer.alloc(1400, 120));`,
  'segments behind a hole': `tcp(i % 5000, Buffer.alloc(1400, 120), i < 5000 ? 0 : 10);`,
  'fragments of eight bytes': `frame(fragment(i % 60000, 65000 - 8 * (i % 7), Buffer.alloc(8)));`,
  'fragments of SCTP messages that never end': `
    const data = Buffer.alloc(40, 65);
    frame(ip(132, i % 500, Buffer.concat([Buffer.from([0x13, 0xc4, 0x13, 0xc4, 0, 0, 0, 9, 0, 0, 0, 0, 0, i % 500 === i ? 2 : 0, 0, 56]), number(i), Buffer.alloc(8), data])));`,
  'media addresses of calls with long heads': `
    const sdp = 'v=0\\r\\no=- 1 1 IN IP4 10.0.0.1\\r\\ns=-\\r\\nc=IN IP4 10.' + (i & 255) + '.' + (i >> 8 & 255) + '.1\\r\\nt=0 0\\r\\nm=audio ' + (1024 + 2 * (i % 30000)) + ' RTP/AVP 0\\r\\n';
    const head = 'INVITE sip:a SIP/2.0\\r\\nCall-ID: c' + i + '@' + 'x'.repeat(200) + '\\r\\nX: ' + 'y'.repeat(8000) + '\\r\\nContent-Type: application/sdp\\r\\nContent-Length: ' + sdp.length + '\\r\\n\\r\\n';
    frame(datagram(i, Buffer.from(head + sdp)));`,
  'SYN flood': `frame(segment(i & 0xffff, (i * 7919) >>> 0, 2, Buffer.alloc(0), i));`,
};

const PROGRAM = `
  import { FrameExtractor } from '${join(dist, 'extract/frame-extractor.js')}';
  import { Ledger } from '${join(dist, 'base/index.js')}';
  import { RtcpWatch } from '${join(dist, 'extract/rtcp-extractor.js')}';
  const extractor = new FrameExtractor({ ports: [], keepFrames: process.argv[2] === 'frames', parseHep: true, rtcp: new RtcpWatch() }, new Ledger(), () => '', () => true);
  const record = { linkType: 1, bytes: null, from: 0, to: 0, originalLength: 0, capturedAt: 1.7e15, number: 0, sourceIndex: 0 };
  function frame(bytes) {
    record.bytes = bytes; record.to = record.originalLength = bytes.length; record.number++; record.capturedAt += 5;
    extractor.frame(record);
  }
  function ip(protocol, host, rest, flags = 0, id = 1) {
    const b = Buffer.alloc(34 + rest.length);
    b.writeUInt16BE(0x0800, 12); b[14] = 0x45; b.writeUInt16BE(20 + rest.length, 16); b.writeUInt16BE(id, 18); b.writeUInt16BE(flags, 20);
    b[23] = protocol; b.writeUInt32BE((0x0a000000 + host) >>> 0, 26); b.writeUInt32BE(0x7f000001, 30); rest.copy(b, 34);
    return b;
  }
  function segment(port, sequence, flags, payload, host = 1) {
    const t = Buffer.alloc(20 + payload.length);
    t.writeUInt16BE(port, 0); t.writeUInt16BE(5060, 2); t.writeUInt32BE(sequence, 4); t[12] = 0x50; t[13] = flags; t.writeUInt16BE(65535, 14); payload.copy(t, 20);
    return ip(6, host, t);
  }
  const fragment = (id, offset, bytes) => ip(17, 1, bytes, 0x2000 | (offset >>> 3), id);
  const number = (value) => Buffer.from([value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255]);
  function datagram(host, payload) {
    const u = Buffer.alloc(8 + payload.length);
    u.writeUInt16BE(5060, 0); u.writeUInt16BE(5060, 2); u.writeUInt16BE(u.length, 4); payload.copy(u, 8);
    return ip(17, host, u);
  }
  const sent = new Map();
  function tcp(port, payload, skip = 0) {
    const bytes = Buffer.from(payload);
    const sequence = (sent.get(port) ?? 1) + skip;
    sent.set(port, sequence + bytes.length);
    frame(segment(port, sequence >>> 0, 0x18, bytes));
  }
  for (let i = 0; i < 120_000; i++) { BODY }
  console.log(process.resourceUsage().maxRSS);
`;

describe.each(['plain', 'frames'])('%s', (mode) => {
  test.each(Object.keys(ATTACKS))(
    '%s',
    (name) => {
      const program = PROGRAM.replace('BODY', () => ATTACKS[name]);
      const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-', mode], {
        input: program,
        encoding: 'utf8',
      });
      expect([stderr, status]).toEqual(['', 0]);
      expect(Number(stdout)).toBeLessThan(MAX_KILOBYTES);
    },
    120_000,
  );
});
