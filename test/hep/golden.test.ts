/** Packets to the byte, and what the encoder writes when it is handed more. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { NO_FRAMES, isFault, type Message } from '../../src/lib/base/index.js';
import { HepEncoder, NO_EXTRAS, listChunks, type HepEncoderOptions, type HepExtras } from '../../src/lib/hep/index.js';
import { decoded, expectFault } from '../rigs/hep-packets.js';

const PAYLOAD = 'OPTIONS sip:a SIP/2.0\r\n\r\n';
const V1 = '0110021113c413d80a0101010a0101024f5054494f4e53207369703a61205349502f322e300d0a0d0a';
const V2 = '0210021113c413d80a0101010a01010200f1536540e20100d20700004f5054494f4e53207369703a61205349502f322e300d0a0d0a';
const V2_IPV6 =
  '02280a1113c413d820010db800000000000000000000000120010db800000000000000000000000200f1536540e20100d20700004f5054494f4e53207369703a61205349502f322e300d0a0d0a';
const V3 =
  '484550330087000000010007020000000200071100000003000a0a01010100000004000a0a01010200000007000813c400000008000813d800000009000a6553f1000000000a000a0001e2400000000b0007010000000c000a000007d100000011000b6369642d310000000f001f4f5054494f4e53207369703a61205349502f322e300d0a0d0a';

function message(members: Partial<Message> = {}): Message {
  return {
    capturedAt: 1_700_000_000_123_456,
    sourceAddress: '10.1.1.1',
    sourcePort: 5060,
    destinationAddress: '10.1.1.2',
    destinationPort: 5080,
    protocol: 17,
    family: 2,
    payloadType: 1,
    payload: Buffer.from(PAYLOAD),
    captureId: -1,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: 0n,
    sequence: 0,
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
    ...members,
  };
}

function encode(members: Partial<Message>, options: Partial<HepEncoderOptions> = {}, extras: Partial<HepExtras> = {}): Buffer {
  const bytes = new HepEncoder({ version: 3, captureId: 2001, authKey: null, captureName: '', compress: false, ...options }).encode(
    message(members),
    { ...NO_EXTRAS, ...extras },
  );
  if (isFault(bytes)) throw new Error(bytes.fault);
  return bytes;
}

const ids = (bytes: Buffer) => {
  const chunks = listChunks(bytes);
  return isFault(chunks) ? chunks.fault : chunks.map((chunk) => `${chunk.vendor}:${chunk.id}:${chunk.to - chunk.from}`).join(' ');
};

describe('golden packets', () => {
  const V6 = { sourceAddress: '2001:db8::1', destinationAddress: '2001:db8::2', family: 10 };
  test.each<[string, string, Partial<HepEncoderOptions>, Partial<Message>]>([
    ['version 1', V1, { version: 1 }, {}],
    ['version 2', V2, { version: 2, captureId: 2002 }, {}],
    ['version 2 over IPv6', V2_IPV6, { version: 2, captureId: 2002 }, V6],
    ['version 3', V3, { version: 3 }, { correlationId: 'cid-1' }],
  ])('%s', (_, hex, options, members) => {
    expect(encode(members, options).toString('hex')).toBe(hex);
    const read = decoded(Buffer.from(hex, 'hex'));
    expect(read.payload.toString()).toBe(PAYLOAD);
    expect([read.sourceAddress, read.destinationAddress]).toEqual([
      members.sourceAddress ?? '10.1.1.1',
      members.destinationAddress ?? '10.1.1.2',
    ]);
    expect([read.sourcePort, read.destinationPort, read.protocol]).toEqual([5060, 5080, 17]);
    if (options.version !== 1) expect(read.capturedAt).toBe(1_700_000_000_123_456);
  });
});

describe('encoder', () => {
  test('writes key, VLAN, name, MACs and TCP flags, the payload last', () => {
    const bytes = encode(
      { vlan: 42 },
      { authKey: Buffer.from('myhep'), captureName: 'node1' },
      {
        correlationId: 'call-1',
        sourceMac: Buffer.from('020000000001', 'hex'),
        destinationMac: Buffer.from('020000000002', 'hex'),
        tcpFlags: 0x18,
      },
    );
    expect(ids(bytes)).toBe(
      '0:1:1 0:2:1 0:3:4 0:4:4 0:7:2 0:8:2 0:9:4 0:10:4 0:11:1 0:12:4 0:14:5 0:17:6 0:18:2 0:19:5 0:20:6 0:21:6 0:23:1 0:15:25',
    );
    expect(decoded(bytes)).toMatchObject({ vlan: 42, captureName: 'node1', correlationId: 'call-1' });
  });

  test('values from the message take precedence over the settings', () => {
    expect(decoded(encode({ captureId: 7, captureName: 'theirs' }, { captureName: 'ours' }))).toMatchObject({
      captureId: 7,
      captureName: 'theirs',
    });
    expect(decoded(encode({ captureId: 0 })).captureId).toBe(0);
  });

  test('text length is in bytes', () => {
    expect(decoded(encode({ correlationId: 'café', captureName: '日本' }))).toMatchObject({ correlationId: 'café', captureName: '日本' });
  });

  test('an unknown address is omitted, an IPv4 address beside IPv6 is mapped', () => {
    expect(ids(encode({ sourceAddress: '', destinationAddress: '' }))).not.toMatch(/ 0:[3-6]:/);
    expect(decoded(encode({ destinationAddress: '2001:db8::2' }))).toMatchObject({
      sourceAddress: '::ffff:10.1.1.1',
      destinationAddress: '2001:db8::2',
      family: 10,
    });
  });

  test('compression is gzip under chunk 0x0010', () => {
    const bytes = encode({}, { compress: true });
    expect(ids(bytes)).toMatch(/ 0:16:\d+$/);
    expect(gunzipSync(bytes.subarray(bytes.indexOf(Buffer.from([0x1f, 0x8b])))).toString()).toBe(PAYLOAD);
  });

  test('version 2 carries 16 bits of the capture id', () => {
    expect(decoded(encode({ captureId: 70_000 }, { version: 2 })).captureId).toBe(4464);
  });

  test('the largest packet has 65,535 bytes; one more is refused', () => {
    const overhead = encode({ payload: Buffer.alloc(0) }).length;
    expect(encode({ payload: Buffer.alloc(65_535 - overhead, 0x61) }).readUInt16BE(4)).toBe(65_535);
    const encoder = new HepEncoder({ version: 3, captureId: 1, authKey: null, captureName: '', compress: false });
    expectFault(encoder.encode(message({ payload: Buffer.alloc(65_536 - overhead) })), 'too_big');
    expectFault(encoder.encode(message({ correlationId: 'x'.repeat(70_000) })), 'too_big');
    expectFault(
      new HepEncoder({ version: 2, captureId: 1, authKey: null, captureName: '', compress: false }).encode(
        message({ payload: Buffer.alloc(65_500) }),
      ),
      'too_big',
    );
  });

  test('no uninitialised memory is sent', () => {
    const options = { authKey: Buffer.from('k'), captureName: 'n' };
    const first = encode({ vlan: 1, correlationId: 'c' }, options);
    for (const value of [0xa5, 0x5a]) {
      // The next small buffers come out of the pool that these have filled.
      const dirt = Array.from({ length: 40 }, () => Buffer.allocUnsafe(500).fill(value));
      expect(encode({ vlan: 1, correlationId: 'c' }, options)).toEqual(first);
      expect(dirt[0][0]).toBe(value);
    }
  });

  test('a payload beyond the decompression limit of receivers is not compressed, even if it would fit', () => {
    const options: HepEncoderOptions = { version: 3, captureId: 1, authKey: null, captureName: '', compress: true };
    const large = message({ payload: Buffer.alloc(1024 * 1024 + 1, 'a') });
    expectFault(new HepEncoder(options).encode(large), 'too_big');
    expect(isFault(new HepEncoder(options).encode(message({ payload: large.payload.subarray(1) })))).toBe(false);
  });
});
