/** Streams: the same packets however the bytes are split, and junk skipped. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HepFramer } from '../../src/lib/hep/index.js';
import { SIP, plain, u32be } from '../rigs/hep-packets.js';

const text = (bytes: Buffer) => bytes.latin1Slice(0, bytes.length);
const packet = (number: number, extra = 0) => plain({ 12: u32be(number), 15: SIP + 'x'.repeat(extra) });

interface Framed {
  /** As text, which compares faster than buffers. */
  packets: string[];
  verdict: 'ok' | 'close';
  framer: HepFramer;
}

/** Pushes the pieces, each inside a larger chunk, and stops at 'close' as a listener does. */
function frame(pieces: readonly Buffer[], framer = new HepFramer()): Framed {
  const kept: Buffer[] = [];
  const result = (verdict: 'ok' | 'close') => ({ packets: kept.map(text), verdict, framer });
  for (const piece of pieces) {
    const chunk = Buffer.concat([Buffer.from('HEP3'), piece, Buffer.from('HEP3')]);
    const verdict = framer.push(chunk, 4, 4 + piece.length, (bytes, from, to) => kept.push(bytes.subarray(from, to)));
    if (verdict === 'close') return result(verdict);
  }
  return result('ok');
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((place, i) => bytes.subarray(sorted[i], place));
}

describe('a stream of packets', () => {
  const parts = [packet(1), packet(2, 3000), packet(3), packet(4, 60_000), packet(5)];
  const packets = parts.map(text);
  const stream = Buffer.concat(parts);

  test('in one read', () => expect(frame([stream]).packets).toEqual(packets));

  test('one byte at a time', () => {
    const { packets: found, framer } = frame(Array.from({ length: stream.length }, (_, i) => stream.subarray(i, i + 1)));
    expect(found).toEqual(packets);
    expect([framer.holding, framer.skippedBytes]).toEqual([false, 0]);
  });

  test('split anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (places) => {
        expect(frame(cutAt(stream, places)).packets).toEqual(packets);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test('a thousand packets in one read, split inside the last', () => {
    const many = Array.from({ length: 1000 }, (_, i) => packet(i));
    const bytes = Buffer.concat(many);
    const { packets: found, framer } = frame([bytes.subarray(0, bytes.length - 1)]);
    expect(found).toEqual(many.slice(0, -1).map(text));
    expect([framer.holding, framer.heldBytes]).toEqual([true, many[0].length - 1]);
  });

  test('complete packets are not copied', () => {
    const found: Buffer[] = [];
    new HepFramer().push(stream, 0, stream.length, (bytes) => found.push(bytes));
    for (const bytes of found) expect(bytes).toBe(stream);
  });

  test('packets kept by the receiver are not overwritten', () => {
    expect(frame(cutAt(stream, [10, 200, 201, 4000, 30_000])).packets).toEqual(packets);
  });

  test('magic EEP3 where a packet must begin, however split', () => {
    const other = Buffer.from(packet(9));
    other[0] = 0x45;
    const mixed = Buffer.concat([packet(1), other, packet(2)]);
    for (let place = 0; place <= mixed.length; place++)
      expect(frame(cutAt(mixed, [place])).packets).toEqual([packet(1), other, packet(2)].map(text));
  });
});

describe('junk', () => {
  test.each([
    ['in front', [Buffer.from('HELLO HFP'), packet(1)]],
    ['between packets', [packet(1), Buffer.from('\r\n\r\n'), packet(2)]],
    ['a magic number with length 0', [packet(1), Buffer.from('HEP3\0\0'), packet(2)]],
    ['a magic number with length 5', [Buffer.from('HEP3\0\x05'), packet(2)]],
    ['beginnings of the magic number', [Buffer.from('HHEHEPHEPHEP'), packet(1)]],
    ['version 1', [Buffer.from([1, 16, 2, 17, 0, 1, 0, 2]), packet(1)]],
  ])('%s is skipped, wherever it is split', (_, parts) => {
    const stream = Buffer.concat(parts);
    const packets = parts.filter((part) => part.length > 20).map(text);
    const junk = stream.length - packets.join('').length;
    for (let place = 0; place <= stream.length; place++) {
      const { packets: found, verdict, framer } = frame(cutAt(stream, [place]));
      expect([found, verdict, framer.skippedBytes, framer.holding]).toEqual([packets, 'ok', junk, false]);
    }
  });

  test('any junk, split anywhere: the packets after it are found', () => {
    const junk = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => Buffer.from(bytes))
      .filter((bytes) => !bytes.includes('EP3'));
    fc.assert(
      fc.property(junk, junk, fc.array(fc.nat(1000), { maxLength: 12 }), (first, second, places) => {
        const stream = Buffer.concat([first, packet(1), second, packet(2)]);
        const { packets, framer } = frame(
          cutAt(
            stream,
            places.map((place) => Math.min(place, stream.length)),
          ),
        );
        expect(packets).toEqual([packet(1), packet(2)].map(text));
        expect(framer.skippedBytes).toBe(first.length + second.length);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('magic EEP3 in junk is not searched for, however split', () => {
    const other = Buffer.from(packet(9));
    other[0] = 0x45;
    const stream = Buffer.concat([packet(1), Buffer.from('junk'), other, packet(2)]);
    for (let place = 0; place <= stream.length; place++) {
      const { packets, framer } = frame(cutAt(stream, [place]));
      expect([packets, framer.skippedBytes]).toEqual([[packet(1), packet(2)].map(text), other.length + 4]);
    }
  });

  test('64 KiB of it are tolerated, more ends the stream', () => {
    const borne = frame([Buffer.alloc(65_536, 0x2e), packet(1)]);
    expect([borne.packets, borne.verdict]).toEqual([[text(packet(1))], 'ok']);
    const tooMuch = frame([Buffer.alloc(65_537, 0x2e), packet(1)]);
    expect([tooMuch.packets, tooMuch.verdict, tooMuch.framer.closedFor]).toEqual([[], 'close', 'junk']);
  });

  test('only consecutive junk counts: a packet resets the count', () => {
    const parts = Array.from({ length: 8 }, (_, i) => Buffer.concat([Buffer.alloc(40_000, 0x2e), packet(i)]));
    expect(frame(parts).packets).toHaveLength(8);
  });

  test('a packet above the limit ends the stream', () => {
    const { packets, verdict, framer } = frame([packet(1), packet(2, 2000)], new HepFramer(1000));
    expect([packets, verdict, framer.closedFor]).toEqual([[text(packet(1))], 'close', 'too_big']);
  });

  test('the work is linear in the bytes', () => {
    const hostile = Buffer.from('HEP3\0\0'.repeat(10_000), 'latin1');
    const one = new HepFramer();
    const timed = (pieces: number) => {
      const began = performance.now();
      const framer = new HepFramer();
      for (let i = 0; i < pieces; i++) framer.push(hostile, i * 6, i * 6 + 6, () => undefined);
      return performance.now() - began;
    };
    expect(one.push(hostile, 0, hostile.length, () => undefined)).toBe('ok');
    timed(10_000);
    expect(timed(10_000)).toBeLessThan(200);
  });
});
