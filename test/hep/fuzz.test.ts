/** Damaged packets with a fixed seed: never an exception, never more out than is in, and the editor agrees with the decoder. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { isFault } from '../../src/lib/base/index.js';
import { EditablePacket, HepFramer, describeChunk, looksLikeHep } from '../../src/lib/hep/index.js';
import { RECEIVED_AT, PEER, decoder, plain } from '../rigs/hep-packets.js';
import { CLEAN_ROWS, OLD_ROWS, QUIRK_ROWS } from './rows.js';

/** xorshift32: the same numbers in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const PACKETS = [...CLEAN_ROWS, ...QUIRK_ROWS, ...OLD_ROWS].map((row) => row.bytes).concat(gzipSync(plain({ 17: 'x'.repeat(200) })));

function damaged(random: (below: number) => number): Buffer {
  const bytes = Buffer.from(PACKETS[random(PACKETS.length)]);
  for (let i = random(6); i >= 0; i--) {
    const at = random(bytes.length);
    switch (random(4)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at] ^= 1 << random(8);
        break;
      case 2:
        bytes[at] = [0, 0xff, 0x7f, 0x80][random(4)];
        break;
      default:
        bytes.copyWithin(random(bytes.length), at, at + random(20));
    }
  }
  return random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

function plausible(random: (below: number) => number): Buffer {
  const bytes = Buffer.from(Array.from({ length: random(120) }, () => random(256)));
  if (random(5) > 0)
    Buffer.from([['HEP3\0', '\x01\x10\x02\x11', '\x02\x28\x0a\x06', '\x1f\x8b\x08'][random(4)]].join(''), 'latin1').copy(bytes);
  return bytes;
}

describe('fuzz', () => {
  test.each([
    [1, damaged],
    [2, plausible],
  ] as const)('seed %i', (seed, make) => {
    const random = randomOf(seed);
    const one = decoder();
    const outcomes = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const bytes = make(random);
      const message = one.decode(bytes, 0, bytes.length, RECEIVED_AT, PEER);
      looksLikeHep(bytes, 0, bytes.length);
      outcomes.add(isFault(message) ? message.fault : 'message');
      const packet = EditablePacket.read(bytes, RECEIVED_AT);
      if (!isFault(packet)) for (const chunk of packet.list()) describeChunk(chunk);
      if (isFault(message)) continue;
      if (message.envelope!.bytes.length > 1_048_576 || Number.isNaN(message.capturedAt))
        throw new Error(`case ${i}: ${bytes.toString('hex')}`);
      // What the decoder accepts, the editor accepts too (except for a compressed datagram).
      if (isFault(packet) && bytes[0] !== 0x1f) throw new Error(`case ${i}: ${packet.fault} ${bytes.toString('hex')}`);
    }
    expect(outcomes.size).toBeGreaterThan(8);
  });

  test('streams of damaged packets', () => {
    const random = randomOf(3);
    for (let run = 0; run < 200; run++) {
      const stream = Buffer.concat(Array.from({ length: 10 }, () => damaged(random)));
      const framer = new HepFramer();
      let out = 0;
      for (let at = 0; at < stream.length;) {
        const to = Math.min(stream.length, at + 1 + random(400));
        framer.push(stream, at, to, (_, from, past) => {
          out += past - from;
        });
        at = to;
      }
      expect(out + framer.skippedBytes + framer.heldBytes).toBe(stream.length);
    }
  });
});
