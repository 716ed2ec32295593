/** Packets spooled undecoded: which are admitted, what a record holds, and what is refused when it comes back. */
import { describe, expect, test } from '@jest/globals';
import { serialize } from 'node:v8';
import { gzipSync } from 'node:zlib';
import type { HepPeer } from '../../src/lib/hep/index.js';
import { UndecodedAdmission } from '../../src/lib/pipeline/output/undecoded-admission.js';
import { arrivalRecordBytes, readArrivalRecord, type ArrivalRecord } from '../../src/lib/pipeline/output/undecoded-record.js';

const peer: HepPeer = { peerAddress: '192.0.2.1', peerPort: 4000, localAddress: '192.0.2.2', localPort: 9060, transport: 'udp' };

function chunk(type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt16BE(type, 2);
  header.writeUInt16BE(6 + data.length, 4);
  return Buffer.concat([header, data]);
}

function hep3(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat(chunks);
  const header = Buffer.from('HEP3\0\0', 'latin1');
  header.writeUInt16BE(6 + body.length, 4);
  return Buffer.concat([header, body]);
}

const payload = chunk(0x0f, Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n'));
const key = (text: string) => chunk(0x0e, Buffer.from(text));
const version1 = Buffer.concat([Buffer.from('0110021113c413c4c0000201c0000202', 'hex'), Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n')]);

describe('admission', () => {
  const admits = (packet: Buffer, authKey: string) => {
    const bytes = Buffer.concat([Buffer.from('xx'), packet, Buffer.from('yy')]);
    return new UndecodedAdmission(authKey).admits({ bytes, from: 2, to: bytes.length - 2, receivedAt: 1, peer });
  };

  test.each<[string, Buffer, boolean, boolean]>([
    ['without a key', hep3(payload), true, false],
    ['with the key', hep3(key('secret'), payload), true, true],
    ['with the key, padded', hep3(payload, key('secret\0\0')), true, true],
    ['with another key', hep3(key('Secret'), payload), true, false],
    ['with the beginning of the key', hep3(key('secre'), payload), true, false],
    ['with an empty key', hep3(key(''), payload), true, false],
    ['with a chunk beyond its end', hep3(key('secret'), Buffer.from('000000010fff', 'hex')), true, false],
    ['shorter than it declares', hep3(key('secret'), payload).subarray(0, 30), false, false],
    ['version 1', version1, true, false],
    ['plain SIP', Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n'), false, false],
    ['compressed', gzipSync(hep3(key('secret'), payload)), false, false],
    ['nothing', Buffer.alloc(0), false, false],
  ])('%s', (_name, packet, open, withKey) => {
    expect([admits(packet, ''), admits(packet, 'secret')]).toEqual([open, withKey]);
  });
});

describe('a record', () => {
  const record: ArrivalRecord = {
    stream: 'live:x',
    sequence: 3,
    peers: [peer],
    times: Float64Array.of(1, 2),
    peerOf: Uint16Array.of(0, 0),
    lengths: Uint32Array.of(3, 4),
    bytes: Buffer.from('abcdefg'),
  };

  test('round-trips', () => {
    expect(readArrivalRecord(arrivalRecordBytes(record))).toEqual(record);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another version', { version: 2 }],
    ['a stream that is no name', { stream: 'a b' }],
    ['a sequence that is no number', { sequence: '3' }],
    ['a peer of another transport', { peers: [{ ...peer, transport: 'sctp' }] }],
    ['a peer with a port beyond the last', { peers: [{ ...peer, peerPort: 65_536 }] }],
    ['a peer that is not there', { peerOf: Uint16Array.of(0, 1) }],
    ['fewer times than packets', { times: Float64Array.of(1) }],
    ['a time that is none', { times: Float64Array.of(1, NaN) }],
    ['lengths of another kind', { lengths: [3, 4] }],
    ['lengths beyond the bytes', { lengths: Uint32Array.of(3, 5) }],
    ['bytes that are text', { bytes: 'abcdefg' }],
  ])('%s is rejected', (_name, change) => {
    expect(readArrivalRecord(serialize({ version: 1, ...record, ...change }))).toBeNull();
  });

  test('data that is not a record is rejected', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('rubbish'), serialize(null), serialize([1])])
      expect(readArrivalRecord(bytes)).toBeNull();
  });
});
