/** What is rejected, and the counter's name. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SIP, chunk, decode, decoded, decoder, expectFault, hep12, hep3, plain, plainChunks, u16be, u8 } from '../rigs/hep-packets.js';
import { isFault } from '../../src/lib/base/index.js';
import { EditablePacket, type HepPeer } from '../../src/lib/hep/index.js';

const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'udp' };
const protobuf = Buffer.from([0x08, 0x02, 0x10, 0x11, 0x1a, 4, 1, 2, 3, 4]);
const loose = (total: number) => Buffer.concat([Buffer.from('HEP3'), u16be(total), Buffer.alloc(20)]);

const FAULTS: readonly [string, Buffer, string][] = [
  ['nothing', Buffer.alloc(0), 'too_short'],
  ['one byte of version 1', Buffer.from([1]), 'too_short'],
  ['version 2 in ten bytes', Buffer.from([2, 16, 2, 17, 0, 0, 0, 0, 0, 0]), 'truncated'],
  ['version 2 without its time block', hep12(2, Buffer.alloc(0), '').subarray(0, 22), 'truncated'],
  ['version 1 without payload', hep12(1, Buffer.alloc(0), ''), 'empty_payload'],
  ['version 1 with NULs alone', hep12(1, Buffer.alloc(0), '\0\0\0\0'), 'empty_payload'],
  ['version 1 of an unknown family', Buffer.concat([Buffer.from([1, 16, 99, 17]), Buffer.alloc(40)]), 'bad_family'],
  ['the magic number alone', Buffer.from('HEP3'), 'too_short'],
  ['total length 0', loose(0), 'bad_length'],
  ['total length 5', loose(5), 'bad_length'],
  ['total length beyond the datagram', loose(27), 'truncated'],
  ['chunk length 0', loose(26), 'bad_chunk_len'],
  ['chunk length 5', hep3(Buffer.from([0, 0, 0, 1, 0, 5, 2])), 'bad_chunk_len'],
  ['chunk beyond the packet', hep3(Buffer.from([0, 0, 0, 17, 0, 99, 1])), 'bad_chunk_len'],
  ['rest shorter than a chunk header', hep3(...plainChunks(), Buffer.from([0, 0, 0])), 'bad_chunk_len'],
  ['no payload chunk', plain({ 15: null }), 'no_payload'],
  ['empty payload of SIP', plain({ 15: '' }), 'empty_payload'],
  ['payload of NULs alone', plain({ 15: '\0\0' }), 'empty_payload'],
  ['payload of another vendor alone', plain({ 15: null }, chunk(3, 15, SIP)), 'no_payload'],
  ['compressed payload that is none', plain({ 15: null, 16: 'no compression' }), 'decompress_failed'],
  ['compressed payload, cut', plain({ 15: null, 16: deflateSync(SIP.repeat(20)).subarray(0, 30) }), 'decompress_failed'],
  ['compressed payload of nothing', plain({ 15: null, 16: gzipSync('') }), 'empty_payload'],
  ['compressed payload that unpacks to two megabytes', plain({ 15: null, 16: gzipSync(Buffer.alloc(2 << 20)) }), 'too_big'],
  ['gzipped datagram of two megabytes', gzipSync(Buffer.alloc(2 << 20)), 'too_big'],
  ['gzip inside gzip', gzipSync(gzipSync(plain())), 'decompress_failed'],
  ['a broken gzip datagram', gzipSync(plain()).subarray(0, 40), 'decompress_failed'],
  ["heplify's greeting", plain({ 1: u8(0), 2: u8(0), 3: null, 4: null, 11: u8(0), 15: 'HEP3\x00\x06' }), 'hello'],
  ['plain SIP', Buffer.from('INVITE sip:bob@127.0.0.1 SIP/2.0\r\n\r\n'), 'plain_sip'],
  ['a plain SIP reply', Buffer.from('SIP/2.0 200 OK\r\n\r\n'), 'plain_sip'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'http'],
  ['protobuf of heplify 1', protobuf, 'heplify_protobuf'],
  ['noise', Buffer.from('HELLO HFP'), 'not_hep'],
  ['a version nobody knows', Buffer.concat([Buffer.from([3, 16, 2, 17]), Buffer.alloc(40)]), 'not_hep'],
];

describe('refused', () => {
  test.each(FAULTS)('%s', (_, bytes, code) => expectFault(decode(bytes), code));
});

describe('refused in part', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('a generic chunk %i of impossible size is ignored', (id) => {
    for (const data of [Buffer.alloc(3), Buffer.alloc(0)]) {
      const hep = decoder();
      const message = hep.decode(plain({}, chunk(0, id, data)), 0, plain({}, chunk(0, id, data)).length, 0, NO_PEER);
      expect(message).toMatchObject({ sourceAddress: '127.1.1.1', sourcePort: 5060, payloadType: 1 });
      expect(hep.counters.toJSON()).toMatchObject({ bad_chunk_size: 1 });
    }
  });

  test('a payload chunk beyond the packet: the available part, marked as truncated', () => {
    const bytes = plain({ 15: null }, Buffer.concat([Buffer.from([0, 0, 0, 15, 0, 99]), Buffer.from('OPTIONS sip:a')]));
    const hep = decoder();
    const message = hep.decode(bytes, 0, bytes.length, 0, NO_PEER);
    expect(isFault(message) ? message.fault : message.payload.latin1Slice()).toBe('OPTIONS sip:a');
    expect(hep.counters.toJSON()).toMatchObject({ cut: 1 });
    const edited = EditablePacket.read(bytes, 0);
    expect(isFault(edited) ? edited.fault : edited.list().at(-1)!.to).toBe(13);
  });
});

describe('a packet shorter than its total length', () => {
  const bytes = plain({ 15: SIP.repeat(3) }, chunk(3, 40, 'after'));
  const payloadAt = bytes.indexOf(SIP);

  test.each([
    ['in the payload', payloadAt + 20, SIP.slice(0, 20), 1],
    ['right behind the payload', payloadAt + 3 * SIP.length, SIP.repeat(3), undefined],
    ['in a chunk after it', bytes.length - 2, SIP.repeat(3), undefined],
  ])('%s: the available part, and an envelope that others can read', (_, length, payload, cut) => {
    const hep = decoder();
    const message = hep.decode(bytes, 0, length, 0, NO_PEER);
    if (isFault(message)) throw new Error(message.fault);
    expect([message.payload.latin1Slice(), message.sourceAddress, hep.counters.toJSON().cut]).toEqual([payload, '127.1.1.1', cut]);
    const again = decode(message.envelope!.bytes);
    expect(isFault(again) ? again.fault : again.payload.latin1Slice()).toBe(payload);
    expect(message.envelope!.bytes.readUInt16BE(4)).toBe(message.envelope!.bytes.length);
  });

  test('truncated before the payload is rejected', () => {
    for (let length = 6; length <= payloadAt; length++) expectFault(decode(bytes.subarray(0, length)), 'truncated');
  });

  test('a truncated compressed payload is rejected', () => {
    const compressed = plain({ 15: null, 16: gzipSync(SIP.repeat(30)) });
    expectFault(decode(compressed.subarray(0, compressed.length - 9)), 'truncated');
  });
});

describe('authentication key', () => {
  const one = () => decoder({ authKey: Buffer.from('myhep') });

  test.each([
    ['right', 'myhep'],
    ['padded with NULs', 'myhep\0\0\0'],
  ])('%s: accepted', (_, key) => expect(decoded(plain({ 14: key }), one()).payload.toString()).toBe(SIP));

  test.each([
    ['missing', null],
    ['empty', ''],
    ['a beginning', 'myhe'],
    ['longer', 'myhep2'],
    ['wrong', 'myhex'],
    ['NULs alone', '\0\0\0\0\0'],
  ])('%s: rejected', (_, key) => expectFault(decode(plain({ 14: key }), one()), 'bad_auth_key'));

  test('versions 1 and 2 cannot carry one', () => expectFault(decode(hep12(1, Buffer.alloc(0)), one()), 'bad_auth_key'));

  test("another vendor's chunk is not a key", () => expectFault(decode(plain({}, chunk(3, 14, 'myhep')), one()), 'bad_auth_key'));

  test('without a configured key any key is accepted', () => expect(decoded(plain({ 14: 'whatever' })).payload.toString()).toBe(SIP));
});

test('the correlation map comes first if requested', () => {
  const bytes = plain({ 17: 'cid', 101: '{"a":1}' });
  expect(decoded(bytes, decoder({ prefersCorrelationMap: true })).correlationId).toBe('{"a":1}');
});

test('the limit for decompressed payloads can be set', () => {
  const bytes = plain({ 15: null, 16: gzipSync(SIP) });
  expectFault(decode(bytes, decoder({ maxDecompressedBytes: SIP.length - 1 })), 'too_big');
  expect(decoded(bytes, decoder({ maxDecompressedBytes: SIP.length })).payload.toString()).toBe(SIP);
});

test('a changed node name is never served from the cache', () => {
  const one = decoder();
  expect(['n1', 'n1', 'n2', 'n22', '', 'n2'].map((name) => decoded(plain({ 19: name }), one).captureName)).toEqual([
    'n1',
    'n1',
    'n2',
    'n22',
    '',
    'n2',
  ]);
});

test('JSON with invalid UTF-8 keeps the bytes', () => {
  const payload = Buffer.concat([Buffer.from('{"payload":"OPTIONS sip:\xe9 SIP/2.0\\r\\n\\r\\n"}', 'latin1')]);
  expect(decoded(plain({ 15: payload })).payload).toEqual(Buffer.from('OPTIONS sip:\xe9 SIP/2.0\r\n\r\n', 'latin1'));
});

test('the payload is a view into the packet, the envelope the packet itself', () => {
  const bytes = plain();
  const message = decoded(bytes);
  expect(message.payload.buffer).toBe(bytes.buffer);
  expect(message.envelope!.bytes).toBe(bytes);
});
