/** TCP against a model: however a stream is split, repeated, reordered or thinned out, each byte arrives once, in its place. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as make from '../rigs/frames.js';
import { Collector, type CollectedStream } from './collect.js';

const RAW = { linkType: make.LINK.raw };

interface Piece {
  from: number;
  length: number;
  fill: number;
}

const pieces = fc.array(fc.record({ from: fc.nat({ max: 400 }), length: fc.integer({ min: 1, max: 60 }), fill: fc.nat({ max: 255 }) }), {
  minLength: 1,
  maxLength: 40,
});
const initial = fc.constantFrom(0, 1000, 0x7fff_ff80, 0xffff_ff00);

/** Positions and bytes as delivered. */
function placed(stream: CollectedStream): Map<number, number> {
  const found = new Map<number, number>();
  let position = 0;
  const gaps = [...stream.gaps];
  for (let i = 0; i <= stream.bytes.length; i++) {
    while (gaps.length > 0 && gaps[0].at === i) position += gaps.shift()!.lost;
    if (i < stream.bytes.length) found.set(position++, stream.bytes[i]);
  }
  return found;
}

function textOf(bytes: Map<number, number>): string {
  return [...bytes]
    .sort((a, b) => a[0] - b[0])
    .map(([position, byte]) => `${position}=${byte}`)
    .join(' ');
}

function decode(list: readonly Piece[], start: number, family: 4 | 6, step: number): Collector {
  const collector = new Collector({ streams: { patienceMilliseconds: 1e9 } });
  const send = (flags: string, sequence: number, payload: Buffer, capturedAt: number) => {
    const segment = make.tcp({ flags, sequence: sequence >>> 0 }, payload);
    const packet = family === 4 ? make.ipv4({ protocol: make.IP_TCP }, segment) : make.ipv6({ nextHeader: make.IP_TCP }, segment);
    collector.decode(make.frame(packet, { ...RAW, capturedAt }));
  };
  send('S', start - 1, Buffer.alloc(0), 1e15);
  list.forEach((piece, i) => send('A', start + piece.from, Buffer.alloc(piece.length, piece.fill), 1e15 + i * step));
  collector.decoder.finish();
  return collector;
}

describe('random segments', () => {
  test('in any order, with overlap and loss: the first arrival at each position, and gaps elsewhere', () => {
    fc.assert(
      fc.property(pieces, initial, fc.constantFrom(4 as const, 6 as const), fc.constantFrom(1, 40_000), (list, start, family, step) => {
        const expected = new Map<number, number>();
        for (const piece of list)
          for (let i = 0; i < piece.length; i++) if (!expected.has(piece.from + i)) expected.set(piece.from + i, piece.fill);
        const { streams, decoder } = decode(list, start, family, step);
        expect(streams.length).toBe(1);
        expect(textOf(placed(streams[0]))).toBe(textOf(expected));
        expect(streams[0].ended).toBe(1);
        expect(decoder.held().streamBytes).toBe(0);
      }),
      { seed: 7, numRuns: 1500 },
    );
  });

  test('with any timeout: bytes in place, none twice, memory within its limit', () => {
    fc.assert(
      fc.property(
        pieces,
        initial,
        fc.integer({ min: 600, max: 2000 }),
        fc.array(fc.nat({ max: 500 }), { maxLength: 5 }),
        (list, start, bytes, acknowledgements) => {
          const collector = new Collector({ streams: { patienceMilliseconds: 3, bytesPerStream: bytes, bytes } });
          const segment = (members: make.TcpMembers & make.Ipv4Members, payload: Buffer, at: number) =>
            make.frame(make.ipv4({ protocol: make.IP_TCP, ...members }, make.tcp(members, payload)), { ...RAW, capturedAt: 1e15 + at });
          collector.decode(segment({ flags: 'S', sequence: (start - 1) >>> 0 }, Buffer.alloc(0), 0));
          const arrived = new Set<string>();
          list.forEach((piece, i) => {
            for (let k = 0; k < piece.length; k++) arrived.add(`${piece.from + k} ${piece.fill}`);
            collector.decode(segment({ sequence: (start + piece.from) >>> 0 }, Buffer.alloc(piece.length, piece.fill), i * 700));
            const acknowledgement = acknowledgements[i % 7];
            if (acknowledgement !== undefined) {
              collector.decode(
                segment(
                  {
                    source: '127.0.0.2',
                    destination: '127.0.0.1',
                    sourcePort: 5080,
                    destinationPort: 5060,
                    acknowledgement: (start + acknowledgement) >>> 0,
                  },
                  Buffer.alloc(0),
                  i * 700 + 1,
                ),
              );
            }
            if (collector.decoder.held().streamBytes > bytes) throw new Error('more held than allowed');
          });
          collector.decoder.finish();
          expect([...placed(collector.streams[0])].filter(([position, byte]) => !arrived.has(`${position} ${byte}`))).toEqual([]);
          expect(collector.decoder.held().streamBytes).toBe(0);
        },
      ),
      { seed: 8, numRuns: 600 },
    );
  });

  test('no loss and little reordering: the stream as sent, in both directions', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 600 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (text, lengths, delays, back) => {
          const list: { at: number; from: number; to: number }[] = [];
          for (let from = 0, i = 0; from < text.length; i++) {
            const to = Math.min(text.length, from + lengths[i % lengths.length]);
            list.push({ at: i + delays[i % delays.length], from, to });
            if (delays[(i + 1) % delays.length] === 3) list.push({ at: i + 2, from: Math.max(0, from - 5), to });
            from = to;
          }
          const ends = back ? { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: 5080, destinationPort: 5060 } : {};
          const collector = new Collector();
          const send = (flags: string, sequence: number, payload: Buffer) =>
            collector.decode(
              make.frame(make.ipv4({ ...ends, protocol: make.IP_TCP }, make.tcp({ ...ends, flags, sequence: sequence >>> 0 }, payload)), {
                ...RAW,
                capturedAt: 1e15,
              }),
            );
          send('S', 0xffff_ff80, Buffer.alloc(0));
          for (const piece of list.sort((a, b) => a.at - b.at))
            send('A', 0xffff_ff81 + piece.from, Buffer.from(text.subarray(piece.from, piece.to)));
          send('FA', 0xffff_ff81 + text.length, Buffer.alloc(0));
          expect(collector.streams[0].bytes.equals(Buffer.from(text))).toBe(true);
          expect([collector.streams[0].gaps, collector.streams[0].ended]).toEqual([[], 1]);
        },
      ),
      { seed: 9, numRuns: 400 },
    );
  });
});
