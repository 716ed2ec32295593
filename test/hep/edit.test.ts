/** Chunks set, read and removed: by every name, with the restrictions of OpenSIPS, nothing else changed. */
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { EditablePacket, describeChunk, escapeText, nameChunk } from '../../src/lib/hep/index.js';
import {
  CAPTURED_AT,
  MICROS,
  RECEIVED_AT,
  SECONDS,
  SIP,
  chunk,
  decoded,
  expectFault,
  hep12,
  hep3,
  plain,
  plainChunks,
  timeBlock,
  u16be,
  u32be,
  u32le,
} from '../rigs/hep-packets.js';
import { get, named, open, setAll } from './edit-rig.js';

function del(bytes: Buffer, text: string): Buffer | false {
  const packet = open(bytes);
  if (!packet.del(named(text))) return false;
  return packet.packet() as Buffer;
}

describe('get', () => {
  const rich = plain({ 17: 'cid-1', 18: u16be(42) }, chunk(3, 31, u32be(200)), chunk(3, 32, 'text'), chunk(7, 32, Buffer.from([0, 1])));
  test.each([
    ['proto_family', 'AF_INET'],
    ['proto_id', 'udp'],
    ['src_ip', '127.1.1.1'],
    ['dst_ip', '127.1.1.2'],
    ['src_port', '5060'],
    ['dst_port', '5080'],
    ['timestamp', String(SECONDS)],
    ['timestamp_us', String(MICROS)],
    ['proto_type', 'SIP'],
    ['captagent_id', '2001'],
    ['payload', SIP],
    ['15', SIP],
    ['16', SIP],
    ['correlation_id', 'cid-1'],
    ['17', 'cid-1'],
    ['vlan_id', '42'],
    ['3:31:uint32', '200'],
    ['3:31', '000000c8'],
    ['31', '000000c8'],
    ['32', 'text'],
    ['7:32', '0001'],
    ['7:32:uint16', '1'],
    ['3:31:uint8', null],
    ['0:32', null],
    ['node_name', null],
    ['0:2:uint8', '17'],
    ['payload', SIP],
  ])('%s is %j', (text, value) => expect(get(rich, text)).toBe(value));

  test('a compressed payload is decompressed, a damaged one is the fault', () => {
    expect(get(plain({ 15: null, 16: deflateSync(SIP) }), 'payload')).toBe(SIP);
    expect(get(plain({ 15: null, 16: 'broken' }), 'payload')).toBe('decompress_failed');
  });

  test('versions 1 and 2 have the fields of their header', () => {
    const v2 = hep12(2, timeBlock(u32le(SECONDS), u32le(MICROS), u16be(2001).reverse()), `${SIP}\0\0`);
    const asked = [
      'proto_family',
      'proto_id',
      'src_ip',
      'dst_port',
      'timestamp',
      'timestamp_us',
      'proto_type',
      'captagent_id',
      'payload',
      'correlation_id',
    ];
    expect(asked.map((name) => get(v2, name))).toEqual([
      'AF_INET',
      'udp',
      '127.1.1.1',
      '5080',
      String(SECONDS),
      String(MICROS),
      'SIP',
      '2001',
      SIP,
      null,
    ]);
    const v1 = hep12(1, Buffer.alloc(0));
    expect(asked.map((name) => get(v1, name))).toEqual(['AF_INET', 'udp', '127.1.1.1', '5080', null, null, 'SIP', null, SIP, null]);
  });

  test('a list shows every chunk, odd data as hex', () => {
    const list = open(plain({ 20: '02', 19: 'n\t1' }, chunk(9, 5, Buffer.from([0xff]))))
      .list()
      .map(describeChunk);
    expect(list.slice(0, 2)).toEqual([
      { vendor: 0, id: 1, name: 'proto_family', type: 'uint8', value: 'AF_INET' },
      { vendor: 0, id: 2, name: 'proto_id', type: 'uint8', value: 'udp' },
    ]);
    expect(list.slice(-3)).toEqual([
      { vendor: 0, id: 19, name: 'node_name', type: 'utf8-string', value: 'n\t1' },
      { vendor: 0, id: 20, name: 'src_mac', type: 'octet-string', value: '3032' },
      { vendor: 9, id: 5, name: '', type: 'octet-string', value: 'ff' },
    ]);
  });

  test('text is escaped to one line', () => expect(escapeText('a\\b\tc\r\nd\0é\u009b\u202e')).toBe('a\\\\b\\tc\\r\\nd\\x00é\\x9b\\u202e'));
});

describe('del', () => {
  const three = plain({}, chunk(7, 25, 'a'), chunk(3, 25, 'b'), chunk(3, 25, 'c'));
  test.each<[string, Buffer | false]>([
    ['25', plain({}, chunk(3, 25, 'b'), chunk(3, 25, 'c'))],
    ['3:25', plain({}, chunk(7, 25, 'a'), chunk(3, 25, 'c'))],
    ['0:25', false],
    ['src_port', plain({ 7: null }, chunk(7, 25, 'a'), chunk(3, 25, 'b'), chunk(3, 25, 'c'))],
    ['src_ip', plain({ 3: null }, chunk(7, 25, 'a'), chunk(3, 25, 'b'), chunk(3, 25, 'c'))],
    ['payload', plain({ 15: null }, chunk(7, 25, 'a'), chunk(3, 25, 'b'), chunk(3, 25, 'c'))],
    ['correlation_id', false],
  ])('%s', (text, expected) => expect(del(three, text)).toEqual(expected));

  test('removes all instances of a built-in chunk', () => {
    expect(del(hep3(chunk(0, 7, u16be(1)), ...plainChunks(), chunk(0, 7, u16be(2))), 'src_port')).toEqual(plain({ 7: null }));
  });

  test('leaves a packet without custom chunks intact', () => expect(del(plain(), '25')).toBe(false));
});

describe('a packet', () => {
  test('without edits is unchanged, without trailing bytes', () => {
    const bytes = plain({}, chunk(9, 1, 'x'));
    expect((open(bytes).packet() as Buffer).buffer).toBe(bytes.buffer);
    expect(open(Buffer.concat([bytes, Buffer.from('surplus')])).packet()).toEqual(bytes);
    expect(open(hep12(1, Buffer.alloc(0))).packet()).toEqual(hep12(1, Buffer.alloc(0)));
  });

  test.each([
    ['not_hep', Buffer.from('INVITE sip:a SIP/2.0\r\n\r\n')],
    ['not_hep', Buffer.from('HE')],
    ['too_short', Buffer.from('HEP3')],
    ['truncated', plain().subarray(0, 50)],
    ['bad_chunk_len', hep3(Buffer.from([0, 0, 0, 1, 0, 5, 2]))],
    ['empty_payload', hep12(1, Buffer.alloc(0), '\0')],
  ])('that is broken: %s', (code, bytes) => expectFault(EditablePacket.read(bytes, RECEIVED_AT), code));
});

describe('upgrade', () => {
  const upgraded = (bytes: Buffer, ...texts: string[]) => {
    const packet = open(bytes);
    packet.upgrade(RECEIVED_AT, 77);
    return setAll(packet, texts);
  };

  test('version 1 gets the arrival time and a capture id', () => {
    const message = decoded(upgraded(hep12(1, Buffer.alloc(0), `${SIP}\0\0\0\0`)));
    expect(message).toMatchObject({
      capturedAt: RECEIVED_AT,
      captureId: 77,
      sourceAddress: '127.1.1.1',
      sourcePort: 5060,
      destinationPort: 5080,
      protocol: 17,
    });
    expect([message.envelope!.version, message.payload.toString()]).toEqual([3, SIP]);
  });

  test.each([
    ['little endian', timeBlock(u32le(SECONDS), u32le(MICROS), u16be(2001).reverse()), CAPTURED_AT],
    ['big endian', timeBlock(u32be(SECONDS), u32be(MICROS), u16be(2001)), CAPTURED_AT],
    ['no time', timeBlock(u32le(0), u32le(0), u16be(2001).reverse()), RECEIVED_AT],
  ])('version 2 keeps time and capture id: %s', (_, block, capturedAt) => {
    const bytes = upgraded(hep12(2, block));
    expect(decoded(bytes)).toMatchObject({ capturedAt, captureId: 2001 });
    expect(get(bytes, 'timestamp')).toBe(String(Math.floor(capturedAt / 1e6)));
  });

  test('upgraded packets can be edited', () =>
    expect(decoded(upgraded(hep12(1, Buffer.alloc(0)), 'correlation_id=c', 'src_port=9'))).toMatchObject({
      correlationId: 'c',
      sourcePort: 9,
    }));

  test('version 3 stays unchanged', () => expect(upgraded(plain())).toEqual(plain()));
});

test('a script names chunk, type and vendor separately', () => {
  expect(nameChunk('0x19', 'UINT32', '0x7')).toMatchObject({ vendor: 7, id: 25, type: 'uint32', isTyped: true });
  expect(nameChunk(' Src_IP ', null, null)).toMatchObject({ vendor: 0, id: 3, means: 'source' });
});
