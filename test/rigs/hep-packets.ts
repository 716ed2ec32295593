/** Builds HEP packets by hand, without the code under test, and sets up the decoder's environment. */
import { expect } from '@jest/globals';
import { AddressTextCache, isFault, type Fault, type Message } from '../../src/lib/base/index.js';
import { HepDecoder, type HepDecoderOptions, type HepPeer } from '../../src/lib/hep/index.js';

export const SIP = 'OPTIONS sip:a SIP/2.0\r\n\r\n';
/** 2023-11-14 22:13:20 UTC and a bit: the packets' time; they arrive an hour later. */
export const SECONDS = 1_700_000_000;
export const MICROS = 123_456;
export const CAPTURED_AT = SECONDS * 1e6 + MICROS;
export const RECEIVED_AT = CAPTURED_AT + 3600e6;

export const PEER: HepPeer = { peerAddress: '127.0.0.9', peerPort: 33_000, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' };

export function u8(value: number): Buffer {
  return Buffer.from([value]);
}

export function u16be(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function u32be(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u32le(value: number): Buffer {
  return u32be(value).reverse();
}

export function ip(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

export function chunk(vendor: number, id: number, data: Buffer | string): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([u16be(vendor), u16be(id), u16be(bytes.length + 6), bytes]);
}

export function hep3(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat(chunks);
  return Buffer.concat([Buffer.from('HEP3'), u16be(body.length + 6), body]);
}

/** The chunks of a plain packet by id; null omits one, a buffer (with header) replaces it. */
export function plainChunks(changes: Record<number, Buffer | string | null> = {}): Buffer[] {
  const data: Record<number, Buffer | string | null> = {
    1: u8(2),
    2: u8(17),
    3: ip('127.1.1.1'),
    4: ip('127.1.1.2'),
    7: u16be(5060),
    8: u16be(5080),
    9: u32be(SECONDS),
    10: u32be(MICROS),
    11: u8(1),
    12: u32be(2001),
    15: SIP,
    ...changes,
  };
  return Object.entries(data).flatMap(([id, bytes]) => (bytes === null ? [] : [chunk(0, Number(id), bytes)]));
}

export function plain(changes: Record<number, Buffer | string | null> = {}, ...more: Buffer[]): Buffer {
  return hep3(...plainChunks(changes), ...more);
}

/** Versions 1 and 2 with IPv4; `time` is the block between addresses and payload. */
export function hep12(version: 1 | 2, time: Buffer, payload: Buffer | string = SIP, lengthByte = 16): Buffer {
  return Buffer.concat([
    Buffer.from([version, lengthByte, 2, 17]),
    u16be(5060),
    u16be(5080),
    ip('127.1.1.1'),
    ip('127.1.1.2'),
    time,
    Buffer.from(payload),
  ]);
}

export function timeBlock(seconds: Buffer, micros: Buffer, captureId: Buffer, padding = Buffer.alloc(2)): Buffer {
  return Buffer.concat([seconds, micros, captureId, padding]);
}

export function decoder(options: Partial<HepDecoderOptions> = {}): HepDecoder {
  return new HepDecoder({ addressTexts: new AddressTextCache(), ...options });
}

export function decode(bytes: Buffer, one = decoder()): Message | Fault {
  return one.decode(bytes, 0, bytes.length, RECEIVED_AT, PEER);
}

export function decoded(bytes: Buffer, one = decoder()): Message {
  const message = decode(bytes, one);
  if (isFault(message)) throw new Error(`refused: ${message.fault} in ${message.part}`);
  return message;
}

export function expectFault(result: unknown, code: string): void {
  expect(isFault(result) ? result.fault : result).toBe(code);
}
