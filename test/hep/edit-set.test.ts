/** Chunks that are set, and what is refused. */
import { gunzipSync, gzipSync, deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { isRefusal, parseSet } from '../../src/lib/hep/index.js';
import { SIP, chunk, decoded, expectFault, hep12, hep3, plain, plainChunks, u16be, u32be, u8 } from '../rigs/hep-packets.js';
import { get, named, open, setAll } from './edit-rig.js';

const set = (bytes: Buffer, ...texts: string[]) => setAll(open(bytes), texts);

/** The plain packet with one chunk's place taken by others. */
const withChunk = (id: number, ...places: Buffer[]) =>
  hep3(...plainChunks().flatMap((one) => (one.readUInt16BE(2) === id ? places : [one])));

describe('set', () => {
  const V6 = Buffer.from('20010db8000000000000000000000001', 'hex');
  test.each<[string, Buffer]>([
    ['proto_type=H321', withChunk(11, chunk(0, 11, u8(12)))],
    ['proto_type=100', withChunk(11, chunk(0, 11, u8(100)))],
    ['PROTO_TYPE=rtcp', withChunk(11, chunk(0, 11, u8(5)))],
    ['proto_id=tcp', withChunk(2, chunk(0, 2, u8(6)))],
    ['proto_id=WSS', withChunk(2, chunk(0, 2, u8(50)))],
    ['proto_id=22', withChunk(2, chunk(0, 2, u8(22)))],
    ['src_port=65535', withChunk(7, chunk(0, 7, u16be(65_535)))],
    ['0x08=0', withChunk(8, chunk(0, 8, u16be(0)))],
    ['0:8=7', withChunk(8, chunk(0, 8, u16be(7)))],
    ['captagent_id=4294967295', withChunk(12, chunk(0, 12, u32be(0xffffffff)))],
    ['src_ip=127.9.9.9', withChunk(3, chunk(0, 3, Buffer.from([127, 9, 9, 9])))],
    ['5=127.9.9.9', withChunk(3, chunk(0, 3, Buffer.from([127, 9, 9, 9])))],
    ['payload=BYE', withChunk(15, chunk(0, 15, 'BYE'))],
    ['16=BYE', withChunk(15, chunk(0, 15, 'BYE'))],
    ['payload=a=b', withChunk(15, chunk(0, 15, 'a=b'))],
    ['0:15:octet-string=00ff', withChunk(15, chunk(0, 15, Buffer.from([0, 255])))],
    ['correlation_id=cid', plain({}, chunk(0, 17, 'cid'))],
    ['17=cid', plain({}, chunk(0, 17, 'cid'))],
    ['0x0d=30', plain({}, chunk(0, 13, u16be(30)))],
    ['auth_key=secret', plain({}, chunk(0, 14, 'secret'))],
    ['vlan_id=42', plain({}, chunk(0, 18, u16be(42)))],
    ['0:32=431', plain({}, chunk(0, 32, u16be(431)))],
    ['mos=431', plain({}, chunk(0, 32, u16be(431)))],
    ['src_mac=02:00:00:00:00:01', plain({}, chunk(0, 20, Buffer.from('020000000001', 'hex')))],
    ['3:31:uint32=132', plain({}, chunk(3, 31, u32be(132)))],
    ['3:31:uint8=0xff', plain({}, chunk(3, 31, u8(255)))],
    ['3:32:inet4-addr=192.168.5.14', plain({}, chunk(3, 32, Buffer.from([192, 168, 5, 14])))],
    ['3:32:inet6-addr=2001:db8::1', plain({}, chunk(3, 32, V6))],
    ['3:33:octet-string=', plain({}, chunk(3, 33, ''))],
    ['3:33=Grüße', plain({}, chunk(3, 33, 'Grüße'))],
    ['3:3:uint8=1', plain({}, chunk(3, 3, u8(1)))],
    ['200=x', plain({}, chunk(3, 200, 'x'))],
    ['101=x', plain({}, chunk(3, 101, 'x'))],
    ['0x0029=g', plain({}, chunk(0, 41, 'g'))],
    ['0x1f=x', plain({}, chunk(3, 31, 'x'))],
  ])('%s', (text, expected) => expect(set(plain(), text).toString('hex')).toBe(expected.toString('hex')));

  test('a bare number replaces the first chunk of any vendor, a qualified one only its own', () => {
    const packet = plain({}, chunk(7, 25, 'seven'), chunk(3, 25, 'three'));
    expect(set(packet, '25=new')).toEqual(plain({}, chunk(7, 25, 'new'), chunk(3, 25, 'three')));
    expect(set(packet, '3:25=new')).toEqual(plain({}, chunk(7, 25, 'seven'), chunk(3, 25, 'new')));
    expect(set(packet, '4:25=new')).toEqual(plain({}, chunk(7, 25, 'seven'), chunk(3, 25, 'three'), chunk(4, 25, 'new')));
  });

  test('a built-in number means the generic chunk, also beside vendor chunks', () => {
    const packet = hep3(chunk(3, 7, 'opaque'), ...plainChunks());
    expect(set(packet, '7=99')).toEqual(hep3(chunk(3, 7, 'opaque'), ...plainChunks({ 7: u16be(99) })));
  });

  test('a chunk of vendor 0 is written there, even if another vendor has the number', () => {
    expect(set(plain({}, chunk(3, 17, 'theirs')), '17=ours')).toEqual(plain({}, chunk(3, 17, 'theirs'), chunk(0, 17, 'ours')));
  });

  test('of a duplicate built-in chunk the effective one is set', () => {
    const packet = hep3(chunk(0, 7, u16be(1)), ...plainChunks());
    expect(decoded(set(packet, 'src_port=99')).sourcePort).toBe(99);
  });

  test('the family follows the address', () => {
    const v6 = set(plain(), 'src_ip=2001:db8::1', 'dst_ip=2001:db8::2');
    expect(v6).toEqual(
      hep3(
        ...plainChunks({ 1: u8(10), 3: null, 4: null, 7: null, 8: null, 9: null, 10: null, 11: null, 12: null, 15: null }),
        chunk(0, 5, V6),
        chunk(0, 6, Buffer.from('20010db8000000000000000000000002', 'hex')),
        ...plainChunks({ 1: null, 2: null, 3: null, 4: null }),
      ),
    );
    expect(decoded(v6)).toMatchObject({ sourceAddress: '2001:db8::1', destinationAddress: '2001:db8::2', family: 10 });
    expect(set(v6, 'src_ip=127.1.1.1', 'dst_ip=127.1.1.2')).toEqual(plain());
    expect(decoded(set(plain(), 'src_ip=2001:db8::1'))).toMatchObject({
      sourceAddress: '2001:db8::1',
      destinationAddress: '127.1.1.2',
      family: 10,
    });
  });

  test('a packet with addresses of both families keeps one on the side that is set', () => {
    const both = plain({ 5: V6, 6: V6 });
    const changed = open(set(both, 'src_ip=127.3.3.3'))
      .list()
      .map((one) => one.id);
    expect(changed.filter((id) => id === 3 || id === 5)).toEqual([3]);
    expect(changed.filter((id) => id === 4 || id === 6)).toEqual([4, 6]);
  });

  test('absent address and family are added', () => {
    expect(decoded(set(plain({ 1: null, 3: null }), 'src_ip=127.4.4.4'))).toMatchObject({ sourceAddress: '127.4.4.4', family: 2 });
  });

  test('a compressed payload is replaced compressed, as gzip', () => {
    for (const compress of [gzipSync, deflateSync]) {
      const bytes = set(plain({ 15: null, 16: compress(SIP) }), 'payload=BYE sip:b SIP/2.0');
      const found = open(bytes).find(named('payload'))!;
      expect(found.id).toBe(16);
      expect(gunzipSync(found.bytes.subarray(found.from, found.to)).toString()).toBe('BYE sip:b SIP/2.0');
      expect(get(bytes, 'payload')).toBe('BYE sip:b SIP/2.0');
    }
  });

  test('the payload from a file', () => {
    const load = (path: string) => Buffer.from(`bytes of ${path}`);
    expect(decoded(setAll(open(plain()), ['payload=@some/file'], { load })).payload.toString()).toBe('bytes of some/file');
    expect(decoded(set(plain(), 'payload=@home')).payload.toString()).toBe('@home');
  });

  test('values that OpenSIPS forbids, where the user insists', () => {
    const bytes = setAll(open(plain()), ['proto_family=AF_INET6', 'timestamp=1600000000', 'timestamp_us=7'], { force: true });
    expect([get(bytes, 'proto_family'), get(bytes, 'timestamp'), get(bytes, 'timestamp_us')]).toEqual(['AF_INET6', '1600000000', '7']);
  });

  test('a packet that grows beyond 65,535 bytes is refused', () => {
    const packet = open(plain());
    const assignment = parseSet(`3:31=${'x'.repeat(65_500)}`);
    if (isRefusal(assignment)) throw new Error(assignment.refused);
    packet.set(assignment);
    expectFault(packet.packet(), 'too_big');
  });

  test('the original is never written to', () => {
    const bytes = plain();
    const before = Buffer.from(bytes);
    set(bytes, 'src_port=1', 'payload=x', 'src_ip=2001:db8::1');
    expect(bytes).toEqual(before);
  });
});

describe('refused', () => {
  test.each([
    ['proto_family=2', 'proto_family: proto_family follows from the packet and cannot be set; use --force to set it anyway'],
    ['1=2', '1: proto_family follows from the packet and cannot be set; use --force to set it anyway'],
    ['timestamp=1', 'timestamp: timestamp follows from the packet and cannot be set; use --force to set it anyway'],
    ['timestamp_us=1', 'timestamp_us: timestamp_us follows from the packet and cannot be set; use --force to set it anyway'],
    ['proto_id=BIN', 'proto_id: BIN has no number on the wire'],
    ['proto_id=hep', 'proto_id: HEP has no number on the wire'],
    ['proto_id=UDPX', "proto_id: unknown proto_id 'UDPX'"],
    ['proto_type=H323', "proto_type: unknown proto_type 'H323'"],
    ['proto_type=256', "proto_type: invalid uint8 '256': expected at most 255"],
    ['src_port=65536', "src_port: invalid uint16 '65536': expected at most 65535"],
    ['src_port=-1', "src_port: invalid uint16 '-1': expected an unsigned number, decimal or 0x hex"],
    ['captagent_id=4294967296', "captagent_id: invalid uint32 '4294967296': expected at most 4294967295"],
    ['captagent_id=', "captagent_id: invalid uint32 '': expected an unsigned number, decimal or 0x hex"],
    ['src_ip=127.0.0', "src_ip: invalid address '127.0.0': expected IPv4 or IPv6"],
    ['3:31:uint8=300', "3:31:uint8: invalid uint8 '300': expected at most 255"],
    ['3:31:inet4-addr=::1', "3:31:inet4-addr: invalid IPv4 address '::1': expected 192.0.2.1"],
    ['3:31:octet-string=abc', "3:31:octet-string: invalid octet-string 'abc': expected two hex digits for each byte"],
    [
      '3:31:uint64=1',
      "unknown chunk type 'uint64': expected one of uint8, uint16, uint32, inet4-addr, inet6-addr, mac-addr, utf8-string, octet-string",
    ],
    ['3:17=x', '3:17: chunk 0x0011 belongs to vendor 0'],
    ['7:0x0e=x', '7:0x0e: chunk 0x000e belongs to vendor 0'],
    ['0:32:uint8=1', "0:32:uint8: '1' as uint8 has 1 bytes: expected 2 for mos"],
    ['70000=x', "invalid chunk id '70000': expected 1 to 65535, decimal or 0x hex"],
    ['0=x', "invalid chunk id '0': expected 1 to 65535, decimal or 0x hex"],
    ['0x11g=x', "invalid chunk id '0x11g': expected 1 to 65535, decimal or 0x hex"],
    ['70000:1=x', "invalid vendor '70000': expected 0 to 65535, decimal or 0x hex"],
    ['abc:1=x', "invalid vendor 'abc': expected 0 to 65535, decimal or 0x hex"],
    ['3:abc=x', "invalid chunk '3:abc': expected a number after the vendor"],
    ['1:2:uint8:4=x', "invalid chunk '1:2:uint8:4': expected a name, an id, or vendor:id[:type]"],
    ['src_ipXYZ=127.0.0.1', "unknown chunk 'src_ipXYZ': expected a number or a name that"],
    ['src_port', "invalid assignment 'src_port': expected chunk=value"],
  ])('%s', (text, words) => {
    const result = parseSet(text);
    expect(isRefusal(result) ? result.refused : 'taken').toContain(words);
  });

  test('setting versions 1 and 2 without an upgrade is a bug in the caller', () => {
    const assignment = parseSet('src_port=1');
    expect(() => open(hep12(1, Buffer.alloc(0))).set(assignment as never)).toThrow('version 1');
  });
});
