/** Packets as senders write them, and the message in each: one row per quirk. */
import { gzipSync, deflateSync, deflateRawSync } from 'node:zlib';
import type { Message } from '../../src/lib/base/index.js';
import {
  CAPTURED_AT,
  MICROS,
  RECEIVED_AT,
  SECONDS,
  SIP,
  chunk,
  hep12,
  hep3,
  ip,
  plain,
  plainChunks,
  timeBlock,
  u16be,
  u32be,
  u32le,
  u8,
} from '../rigs/hep-packets.js';

export interface Row {
  caption: string;
  bytes: Buffer;
  /** What differs from the plain message. */
  expected: Partial<Omit<Message, 'payload'>> & { payload?: string; version?: number };
  /** What the decoder counts: corrections and guesses. */
  counted?: string;
}

/** The plain message of most rows. */
export const PLAIN = {
  capturedAt: CAPTURED_AT,
  sourceAddress: '127.1.1.1',
  sourcePort: 5060,
  destinationAddress: '127.1.1.2',
  destinationPort: 5080,
  protocol: 17,
  family: 2,
  payloadType: 1,
  payload: SIP,
  captureId: 2001,
  captureName: '',
  correlationId: '',
  vlan: -1,
  version: 3,
};

const V6_SOURCE = Buffer.from('20010db8000000000000000000000001', 'hex');
const V6_DESTINATION = Buffer.from('20010db8000000000000000000000002', 'hex');
const V6 = { sourceAddress: '2001:db8::1', destinationAddress: '2001:db8::2', family: 10 };
const mapped = (address: string) => Buffer.concat([Buffer.from('00000000000000000000ffff', 'hex'), ip(address)]);
const LITTLE = timeBlock(u32le(SECONDS), u32le(MICROS), u16be(2001).reverse());
const withLength = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\n';
const json = JSON.stringify({ payload: SIP }, null, '\t');

/** Packets with the same content as from our encoder: these are also written again. */
export const CLEAN_ROWS: readonly Row[] = [
  { caption: 'version 3 over IPv4', bytes: plain(), expected: {} },
  { caption: 'version 3 over IPv6', bytes: plain({ 1: u8(10), 3: null, 4: null, 5: V6_SOURCE, 6: V6_DESTINATION }), expected: V6 },
  {
    caption: 'correlation id, VLAN and node name',
    bytes: plain({ 17: 'cid-1', 18: u16be(42), 19: 'node1' }),
    expected: { correlationId: 'cid-1', vlan: 42, captureName: 'node1' },
  },
  {
    caption: "the specification's order: addresses late, payload last",
    bytes: hep3(
      ...plainChunks({ 3: null, 4: null, 15: null }),
      chunk(0, 3, ip('127.1.1.1')),
      chunk(0, 4, ip('127.1.1.2')),
      chunk(0, 15, SIP),
    ),
    expected: {},
  },
  { caption: 'payload first', bytes: hep3(chunk(0, 15, SIP), ...plainChunks({ 15: null })), expected: {} },
  { caption: 'RTCP as JSON', bytes: plain({ 11: u8(5), 15: '{"type":200}' }), expected: { payloadType: 5, payload: '{"type":200}' } },
  { caption: 'TLS as OpenSIPS numbers it', bytes: plain({ 2: u8(22) }), expected: { protocol: 22 } },
  { caption: 'WebSocket as OpenSIPS numbers it', bytes: plain({ 2: u8(50) }), expected: { protocol: 50 } },
  { caption: 'SCTP', bytes: plain({ 2: u8(132) }), expected: { protocol: 132 } },
  {
    caption: 'a capture id of 32 bits',
    bytes: plain({ 12: u32be(131_203_073) }),
    expected: { captureId: 131_203_073 },
  },
  { caption: 'compressed with gzip', bytes: plain({ 15: null, 16: gzipSync(SIP) }), expected: {} },
  { caption: 'compressed with zlib', bytes: plain({ 15: null, 16: deflateSync(SIP) }), expected: {} },
  { caption: 'compressed with raw deflate', bytes: plain({ 15: null, 16: deflateRawSync(SIP) }), expected: {} },
];

export const QUIRK_ROWS: readonly Row[] = [
  {
    caption: 'magic EEP3',
    bytes: (() => {
      const bytes = plain();
      bytes[0] = 0x45;
      return bytes;
    })(),
    expected: {},
  },
  {
    caption: 'vendor chunks numbered like generic ones',
    bytes: plain({}, chunk(3, 3, 'sixteen bytes ok'), chunk(3, 1, u8(10)), chunk(2, 15, 'not the payload'), chunk(7, 17, 'no')),
    expected: {},
  },
  {
    caption: 'unknown chunks, one without data',
    bytes: plain({}, chunk(0, 0x1f, ''), chunk(9, 558, 'x'), chunk(0, 0x1234, 'y')),
    expected: {},
  },
  {
    caption: 'the capture id 2002 as sngrep shifts it',
    bytes: plain({ 12: u32be(131_203_072) }),
    expected: { captureId: 2002 },
    counted: 'capture_id_corrected',
  },
  { caption: 'paStash: family 1', bytes: plain({ 1: u8(1) }), expected: {}, counted: 'family_inferred' },
  { caption: 'hep-js: family 0', bytes: plain({ 1: u8(0) }), expected: {}, counted: 'family_inferred' },
  {
    caption: 'no family, IPv6 addresses',
    bytes: plain({ 1: null, 3: null, 4: null, 5: V6_SOURCE, 6: V6_DESTINATION }),
    expected: V6,
    counted: 'family_inferred',
  },
  {
    caption: 'family of another system (30), both kinds of addresses',
    bytes: plain({ 1: u8(30), 5: V6_SOURCE, 6: V6_DESTINATION }),
    expected: V6,
    counted: 'family_inferred',
  },
  {
    caption: 'odd family, IPv4 all zeros beside IPv6',
    bytes: plain({ 1: u8(99), 3: ip('0.0.0.0'), 4: ip('0.0.0.0'), 5: V6_SOURCE, 6: V6_DESTINATION }),
    expected: V6,
    counted: 'family_inferred',
  },
  { caption: 'both kinds of addresses, family 10', bytes: plain({ 1: u8(10), 5: V6_SOURCE, 6: V6_DESTINATION }), expected: V6 },
  { caption: 'both kinds of addresses, family 2', bytes: plain({ 5: V6_SOURCE, 6: V6_DESTINATION }), expected: {} },
  { caption: 'family 2 with IPv6 addresses alone', bytes: plain({ 3: null, 4: null, 5: V6_SOURCE, 6: V6_DESTINATION }), expected: V6 },
  { caption: 'mapped addresses in the chunks for IPv4', bytes: plain({ 3: mapped('127.1.1.1'), 4: mapped('127.1.1.2') }), expected: {} },
  { caption: 'IPv6 addresses in the chunks for IPv4', bytes: plain({ 1: u8(10), 3: V6_SOURCE, 4: V6_DESTINATION }), expected: V6 },
  {
    caption: 'no addresses at all',
    bytes: plain({ 3: null, 4: null }),
    expected: { sourceAddress: '', destinationAddress: '', family: 0 },
    counted: 'incomplete_addresses',
  },
  {
    caption: 'one address of each family',
    bytes: plain({ 1: u8(10), 3: null, 5: V6_SOURCE }),
    expected: { sourceAddress: '2001:db8::1', family: 10 },
  },
  { caption: 'payload type in two bytes', bytes: plain({ 11: u16be(100), 15: 'log' }), expected: { payloadType: 100, payload: 'log' } },
  { caption: 'payload type in four bytes', bytes: plain({ 11: u32be(100), 15: 'log' }), expected: { payloadType: 100, payload: 'log' } },
  { caption: 'no payload type: SIP', bytes: plain({ 11: null }), expected: {} },
  { caption: 'no capture id', bytes: plain({ 12: null }), expected: { captureId: -1 } },
  { caption: 'a fixed chunk twice: the last counts', bytes: hep3(chunk(0, 7, u16be(1)), ...plainChunks()), expected: {} },
  { caption: 'the payload twice: the last counts', bytes: hep3(chunk(0, 15, 'first'), ...plainChunks()), expected: {} },
  {
    caption: 'the correlation id twice: the first counts',
    bytes: hep3(chunk(0, 17, 'first'), ...plainChunks({ 17: 'second' })),
    expected: { correlationId: 'first' },
  },
  { caption: 'correlation id padded with NULs', bytes: plain({ 17: 'cid\0\0\0' }), expected: { correlationId: 'cid' } },
  {
    caption: 'OpenSIPS for Homer 6: JSON around SIP, correlation map',
    bytes: plain({ 15: json, 101: '{"a":1}' }),
    expected: { correlationId: '{"a":1}' },
    counted: 'json_wrapped_sip',
  },
  { caption: 'correlation id before correlation map', bytes: plain({ 17: 'cid', 101: '{"a":1}' }), expected: { correlationId: 'cid' } },
  { caption: 'SIP that only begins like JSON', bytes: plain({ 15: '{broken' }), expected: { payload: '{broken' } },
  { caption: 'heplify: VLAN chunk 0 for untagged', bytes: plain({ 18: u16be(0) }), expected: {} },
  { caption: 'VLAN with its priority bits', bytes: plain({ 18: u16be(0xa02a) }), expected: { vlan: 42 } },
  {
    caption: 'OpenSIPS control packet: empty payload, map only',
    bytes: plain({ 11: u8(96), 15: '', 101: '{"x":1}' }),
    expected: { payloadType: 96, payload: '', correlationId: '{"x":1}' },
  },
  {
    caption: 'rtpengine: times byte-swapped',
    bytes: plain({ 9: u32le(SECONDS), 10: u32le(MICROS) }),
    expected: {},
    counted: 'time_swapped',
  },
  { caption: 'only the microseconds byte-swapped', bytes: plain({ 10: u32le(MICROS) }), expected: {}, counted: 'microseconds_corrected' },
  {
    caption: 'microseconds that carry',
    bytes: plain({ 9: u32be(SECONDS - 1), 10: u32be(1_000_000 + MICROS) }),
    expected: {},
    counted: 'microseconds_corrected',
  },
  {
    caption: 'microseconds that are none',
    bytes: plain({ 10: u32be(0xffffffff) }),
    expected: { capturedAt: SECONDS * 1e6 },
    counted: 'microseconds_corrected',
  },
  { caption: 'seconds since 1900', bytes: plain({ 9: u32be(SECONDS + 2_208_988_800) }), expected: {}, counted: 'time_since_1900' },
  {
    caption: 'hepgen.js: no time',
    bytes: plain({ 9: u32be(0), 10: u32be(0) }),
    expected: { capturedAt: RECEIVED_AT },
    counted: 'arrival_time_used',
  },
  {
    caption: 'a clock years ahead, which swapped would be a time',
    bytes: plain({ 9: u32be(0x8000_0060) }),
    expected: { capturedAt: RECEIVED_AT },
    counted: 'arrival_time_used',
  },
  { caption: 'no time chunks', bytes: plain({ 9: null, 10: null }), expected: { capturedAt: RECEIVED_AT }, counted: 'arrival_time_used' },
  {
    caption: 'a time beyond tomorrow',
    bytes: plain({ 9: u32be(SECONDS + 3 * 86_400) }),
    expected: { capturedAt: RECEIVED_AT },
    counted: 'arrival_time_used',
  },
  {
    caption: 'bytes behind the packet',
    bytes: Buffer.concat([plain(), Buffer.from('surplus')]),
    expected: {},
    counted: 'trailing_bytes_hep',
  },
  { caption: 'NULs behind the payload', bytes: plain({ 15: `${SIP}\0\0\0` }), expected: {}, counted: 'padding_bytes' },
  {
    caption: 'NULs that belong to the body',
    bytes: plain({ 15: `${withLength}ab\0\0\0\0` }),
    expected: { payload: `${withLength}ab\0\0` },
    counted: 'padding_bytes',
  },
  {
    caption: 'NULs that belong to the body, compact Content-Length',
    bytes: plain({ 15: 'OPTIONS sip:a SIP/2.0\r\nL : 2\r\n\r\n\0\0\0' }),
    expected: { payload: 'OPTIONS sip:a SIP/2.0\r\nL : 2\r\n\r\n\0\0' },
    counted: 'padding_bytes',
  },
  {
    caption: 'NULs of a payload that is no SIP stay',
    bytes: plain({ 11: u8(5), 15: 'ab\0' }),
    expected: { payloadType: 5, payload: 'ab\0' },
  },
  { caption: 'heplify: the whole datagram gzipped', bytes: gzipSync(plain()), expected: {}, counted: 'compressed_datagram' },
];

const OLD = { captureId: -1, version: 1, capturedAt: RECEIVED_AT };

export const OLD_ROWS: readonly Row[] = [
  { caption: 'version 1', bytes: hep12(1, Buffer.alloc(0)), expected: OLD },
  {
    caption: 'version 1, OpenSIPS: eight NULs behind',
    bytes: hep12(1, Buffer.alloc(0), `${SIP}${'\0'.repeat(8)}`),
    expected: OLD,
    counted: 'padding_bytes',
  },
  { caption: 'version 2, little endian', bytes: hep12(2, LITTLE), expected: { version: 2 } },
  { caption: 'version 2, FreeSWITCH: length byte 28', bytes: hep12(2, LITTLE, SIP, 28), expected: { version: 2 } },
  {
    caption: 'version 2, sngrep: length byte and padding by chance',
    bytes: hep12(2, Buffer.concat([LITTLE.subarray(0, 10), Buffer.from('xy')]), SIP, 0x2f),
    expected: { version: 2 },
  },
  { caption: 'version 2, big endian', bytes: hep12(2, timeBlock(u32be(SECONDS), u32be(MICROS), u16be(2001))), expected: { version: 2 } },
  { caption: 'version 2, no padding', bytes: hep12(2, LITTLE.subarray(0, 10)), expected: { version: 2 } },
  {
    caption: 'version 2, a method nobody knows',
    bytes: hep12(2, LITTLE, 'FOO sip:a SIP/2.0\r\n\r\n'),
    expected: { version: 2, payload: 'FOO sip:a SIP/2.0\r\n\r\n' },
  },
  {
    caption: 'version 2, no time',
    bytes: hep12(2, timeBlock(u32le(0), u32le(0), u16be(2001).reverse())),
    expected: { version: 2, capturedAt: RECEIVED_AT },
    counted: 'arrival_time_used',
  },
  {
    caption: 'version 2, microseconds that are none',
    bytes: hep12(2, timeBlock(u32le(SECONDS), u32le(0xffffffff), u16be(2001).reverse())),
    expected: { version: 2, capturedAt: SECONDS * 1e6 },
    counted: 'microseconds_corrected',
  },
  {
    caption: 'version 2 over IPv6',
    bytes: Buffer.concat([Buffer.from([2, 40, 10, 17]), u16be(5060), u16be(5080), V6_SOURCE, V6_DESTINATION, LITTLE, Buffer.from(SIP)]),
    expected: { version: 2, ...V6 },
  },
];
