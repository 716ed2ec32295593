/** TCP streams, case by case. */
import { describe, expect, test } from '@jest/globals';
import { DELIVERED, HELD } from '../../src/lib/decode/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';
import { RAW, START, segment, textOf } from './tcp-rig.js';

describe('in order', () => {
  test('both directions from the first byte to FIN; the receiver is requested at the first byte', () => {
    const collector = new Collector();
    const results = collector.decode(
      segment(0, { flags: 'S', sequence: 99 }),
      segment(1, { back: true, flags: 'SA', sequence: 499, acknowledgement: 100 }),
      segment(2, { sequence: 100, acknowledgement: 500 }),
      segment(3, { sequence: 100, acknowledgement: 500, text: 'one ' }),
      segment(4, { back: true, sequence: 500, acknowledgement: 104, text: 'TWO' }),
      segment(5, { sequence: 104, acknowledgement: 503, text: 'three', flags: 'FA' }),
      segment(6, { back: true, sequence: 503, acknowledgement: 110, flags: 'FA' }),
    );
    expect(results).toEqual([0, 0, 0, DELIVERED, DELIVERED, DELIVERED, 0]);
    expect(collector.streams.map((stream) => [stream.name, stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['127.0.0.1:5060 127.0.0.2:5080', 'one three', 1],
      ['127.0.0.2:5080 127.0.0.1:5060', 'TWO', 1],
    ]);
    expect(collector.counts).toEqual({});
  });

  test('bytes are delivered without a copy', () => {
    const frame = segment(0, { text: 'here' });
    let same = false;
    const collector = new Collector();
    collector.stream = () => ({ push: (bytes) => (same = bytes === frame.bytes), gap() {}, end() {} });
    collector.decode(frame);
    expect(same).toBe(true);
  });

  test('a capture that starts mid-stream starts with the first segment seen', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 7_000, text: 'mid' }), segment(1, { sequence: 7_003, text: 'stream' }));
    expect(textOf(collector)).toBe('midstream');
  });

  test('sequence numbers wrap at 2^32', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { flags: 'S', sequence: 0xffff_fffd }),
      segment(1, { sequence: 0xffff_fffe, text: 'abcd' }),
      segment(2, { sequence: 4, text: 'gh' }),
      segment(3, { sequence: 2, text: 'ef' }),
    );
    expect(textOf(collector)).toBe('abcdefgh');
  });

  test('IPv6', () => {
    const collector = new Collector();
    const packet = (sequence: number, text: string) =>
      make.frame(make.ipv6({ nextHeader: make.IP_TCP }, make.tcp({ sequence }, Buffer.from(text))), RAW);
    collector.decode(packet(1, 'a'), packet(2, 'b'));
    expect(collector.streams.map((stream) => stream.name + stream.bytes.latin1Slice())).toEqual(['2001:db8::1:5060 2001:db8::2:5080ab']);
  });

  test('an ACK or RST of an unknown connection does not create a stream', () => {
    const collector = new Collector();
    collector.decode(segment(0, { flags: 'A' }), segment(0, { flags: 'R' }), segment(0, { flags: 'FA' }));
    expect(collector.decoder.held().connections).toBe(0);
  });
});

describe('repeated bytes', () => {
  test('retransmissions, keep-alive probes and overlaps deliver every byte once', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 100, text: 'abcdef' }),
      segment(1, { sequence: 100, text: 'abcdef' }),
      segment(2, { sequence: 105, text: '\0' }),
      segment(3, { sequence: 103, text: 'XYZghi' }),
      segment(4, { sequence: 109, text: 'j' }),
      segment(5, { sequence: 109, text: 'jk' }),
    );
    expect(textOf(collector)).toBe('abcdefghijk');
    expect(collector.counts).toEqual({ tcp_retransmission: 2, tcp_overlap: 2 });
  });

  test('a retransmission after FIN is recognised', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 10, text: 'bye', flags: 'FA' }), segment(1, { sequence: 10, text: 'bye', flags: 'FA' }));
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([['bye', 1]]);
  });

  test('a repeated out-of-order segment is not held twice', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 5, text: 'fgh' }));
    const { streamBytes } = collector.decoder.held();
    collector.decode(segment(2, { sequence: 5, text: 'fgh' }), segment(3, { sequence: 6, text: 'gh' }));
    expect(collector.decoder.held().streamBytes).toBe(streamBytes);
    expect(collector.counts).toEqual({ tcp_retransmission: 2 });
  });

  test('bytes that arrive twice out of order: the first are kept', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: '0' }),
      segment(1, { sequence: 4, text: 'bb' }),
      segment(2, { sequence: 2, text: 'ccccccc' }),
      segment(3, { sequence: 1, text: 'dddd' }),
    );
    expect(textOf(collector)).toBe('0dccbbccc');
  });
});

describe('out of order', () => {
  test('a held segment waits; the completing segment gives time and frame', () => {
    const collector = new Collector({ keepFrames: true });
    const results = collector.decode(
      segment(0, { sequence: 0, text: 'a', number: 1 }),
      segment(1, { sequence: 2, text: 'c', number: 2 }),
      segment(5, { sequence: 1, text: 'b', number: 3 }),
    );
    expect(results).toEqual([DELIVERED, HELD, DELIVERED]);
    expect(
      collector.streams[0].pushes.map(({ payload, frame, capturedAt, frames }) => ({
        payload,
        frame,
        at: (capturedAt - START) / 1000,
        frames,
      })),
    ).toEqual([
      { payload: 'a', frame: 1, at: 0, frames: [1] },
      { payload: 'b', frame: 3, at: 5, frames: [3] },
      { payload: 'c', frame: 3, at: 5, frames: [3] },
    ]);
    expect(collector.decoder.held().streamBytes).toBe(0);
  });

  test('SYN after the first segment', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 100, text: 'a' }),
      segment(1, { flags: 'S', sequence: 99 }),
      segment(2, { sequence: 101, text: 'b' }),
    );
    expect(collector.streams.map((stream) => stream.bytes.latin1Slice())).toEqual(['ab']);
  });

  test('FIN before the last bytes ends the stream only after them', () => {
    const collector = new Collector();
    collector.decode(segment(0, { sequence: 0, text: 'a' }), segment(1, { sequence: 2, flags: 'FA' }));
    expect(collector.streams[0].ended).toBe(0);
    collector.decode(segment(2, { sequence: 1, text: 'b' }));
    expect([textOf(collector), collector.streams[0].ended]).toEqual(['ab', 1]);
  });

  test('RST far from the expected sequence number is ignored', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 1000, text: 'a' }),
      segment(1, { sequence: 5, flags: 'R' }),
      segment(2, { sequence: 1001, text: 'b' }),
    );
    expect([textOf(collector), collector.streams[0].ended]).toEqual(['ab', 0]);
    collector.decode(segment(3, { sequence: 1002, flags: 'R' }));
    expect(collector.streams[0].ended).toBe(1);
  });
});

describe('other connections on the same ports', () => {
  test('a new SYN ends both directions and starts a new connection', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { flags: 'S', sequence: 0 }),
      segment(1, { sequence: 1, text: 'old' }),
      segment(2, { back: true, sequence: 500, text: 'OLD' }),
      segment(3, { sequence: 9, text: 'lost' }),
      segment(4, { flags: 'S', sequence: 70_000 }),
    );
    // A SYN alone may be forged: bytes after it, or an acknowledgement of it, decide.
    expect(collector.streams.map((stream) => stream.ended)).toEqual([0, 0]);
    collector.decode(
      segment(5, { back: true, flags: 'SA', sequence: 90_000, acknowledgement: 70_001 }),
      segment(6, { sequence: 70_001, text: 'new' }),
      segment(7, { back: true, sequence: 90_001, text: 'NEW' }),
    );
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['oldlost', 1],
      ['OLD', 1],
      ['new', 0],
      ['NEW', 0],
    ]);
  });

  test('a repeated SYN changes nothing', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { flags: 'S', sequence: 0 }),
      segment(1, { sequence: 1, text: 'a' }),
      segment(2, { flags: 'S', sequence: 0 }),
      segment(3, { sequence: 2, text: 'b' }),
    );
    expect(collector.streams.map((stream) => stream.bytes.latin1Slice())).toEqual(['ab']);
  });

  test('without a SYN a sequence number beyond any window starts a new connection', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a' }),
      segment(1, { sequence: 0x7000_0000, text: 'b' }),
      segment(2, { sequence: 0x1000_0000, text: 'c' }),
    );
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ]);
  });

  test('a stream after FIN', () => {
    const collector = new Collector();
    collector.decode(
      segment(0, { sequence: 0, text: 'a', flags: 'FA' }),
      segment(1, { flags: 'S', sequence: 40 }),
      segment(2, { sequence: 41, text: 'b' }),
    );
    expect(collector.streams.map((stream) => [stream.bytes.latin1Slice(), stream.ended])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });
});
