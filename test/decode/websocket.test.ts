/** WebSocket frames to messages: masked, fragmented, compressed, cut anywhere; and junk. */
import { deflateRawSync, constants } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WebSocketDeframer } from '../../src/lib/decode/index.js';

interface Part {
  opcode?: number;
  fin?: boolean;
  flags?: number;
  mask?: Buffer;
}

function websocketFrame(payload: Buffer, part: Part = {}): Buffer {
  const length = payload.length;
  const mask = part.mask !== undefined ? 0x80 : 0;
  const first = (part.fin === false ? 0 : 0x80) | (part.flags ?? 0) | (part.opcode ?? 1);
  const header =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >>> 8, length & 255])
        : Buffer.from([first, mask | 127, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]);
  const body = Buffer.from(payload);
  if (part.mask !== undefined) for (let i = 0; i < body.length; i++) body[i] ^= part.mask[i & 3];
  return Buffer.concat([header, part.mask ?? Buffer.alloc(0), body]);
}

const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);
const text = (value: string) => Buffer.from(value);

function deframe(stream: Buffer, step = stream.length): { messages: string[]; faults: string[]; deframer: WebSocketDeframer } {
  const messages: string[] = [];
  const faults: string[] = [];
  const deframer = new WebSocketDeframer((payload) => messages.push(payload.latin1Slice()) > 0, { maxMessageBytes: 70_000 });
  for (let at = 0; at < stream.length; at += step) {
    const wrong = deframer.push(stream, at, Math.min(stream.length, at + step));
    if (wrong !== null) faults.push(wrong.fault);
  }
  return { messages, faults, deframer };
}

const STREAM = Buffer.concat([
  websocketFrame(text('plain')),
  websocketFrame(text('masked'), { mask: MASK }),
  websocketFrame(text('fir'), { fin: false, mask: MASK }),
  websocketFrame(text('ping'), { opcode: 9, mask: MASK }),
  websocketFrame(text('st'), { fin: false, opcode: 0, mask: MASK }),
  websocketFrame(text('!'), { opcode: 0 }),
  websocketFrame(Buffer.alloc(300, 'b'), { opcode: 2, mask: MASK }),
  websocketFrame(Buffer.alloc(65_536, 'c')),
  websocketFrame(Buffer.alloc(0)),
  websocketFrame(text(''), { opcode: 10 }),
  websocketFrame(text('last')),
]);
const MESSAGES = ['plain', 'masked', 'first!', 'b'.repeat(300), 'c'.repeat(65_536), 'last'];

describe('messages', () => {
  test.each([STREAM.length, 1, 2, 3, 7, 1000])('in chunks of %i bytes', (step) => {
    const { messages, faults, deframer } = deframe(STREAM, step);
    expect(messages).toEqual(MESSAGES);
    expect(faults).toEqual([]);
    expect(deframer.holding).toBe(false);
  });

  test('a complete unmasked frame is a view, a masked one leaves the stream unchanged', () => {
    const plain = websocketFrame(text('view'));
    const masked = websocketFrame(text('copy'), { mask: MASK });
    const stream = Buffer.concat([plain, masked]);
    const before = stream.toString('hex');
    const payloads: Buffer[] = [];
    new WebSocketDeframer((payload) => payloads.push(payload) > 0).push(stream, 0, stream.length);
    expect(payloads.map((payload) => payload.buffer === stream.buffer && payload.byteOffset === stream.byteOffset + 2)).toEqual([
      true,
      false,
    ]);
    expect(stream.toString('hex')).toBe(before);
  });

  test('holds at every byte except between messages', () => {
    const stream = Buffer.concat([websocketFrame(text('ab'), { fin: false }), websocketFrame(text('c'), { opcode: 0, mask: MASK })]);
    const deframer = new WebSocketDeframer(() => {});
    for (let i = 0; i < stream.length; i++) {
      expect(deframer.holding).toBe(i > 0);
      deframer.push(stream, i, i + 1);
    }
    expect(deframer.holding).toBe(false);
  });

  test('a close frame ends it', () => {
    const { messages, deframer } = deframe(
      Buffer.concat([websocketFrame(text('a')), websocketFrame(text(''), { opcode: 8 }), websocketFrame(text('b'))]),
    );
    expect([messages, deframer.ended]).toEqual([['a'], true]);
  });
});

describe('compressed messages', () => {
  const squeeze = (value: string, dictionary?: Buffer) =>
    deflateRawSync(text(value), { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary === undefined ? {} : { dictionary }) }).subarray(
      0,
      -4,
    );

  test('without and with context takeover, and in fragments', () => {
    const first = 'REGISTER sip:example.net SIP/2.0\r\nCall-ID: 1\r\n\r\n';
    const second = 'REGISTER sip:example.net SIP/2.0\r\nCall-ID: 2\r\n\r\n';
    const compressed = squeeze(second, text(first));
    expect(compressed.length).toBeLessThan(20);
    const { messages, faults } = deframe(
      Buffer.concat([
        websocketFrame(squeeze(first), { flags: 0x40, mask: MASK }),
        websocketFrame(compressed.subarray(0, 4), { flags: 0x40, fin: false }),
        websocketFrame(compressed.subarray(4), { opcode: 0 }),
        websocketFrame(text('plain')),
      ]),
      5,
    );
    expect([messages, faults]).toEqual([[first, second, 'plain'], []]);
  });

  test('invalid or oversized compressed data is a fault; the stream continues', () => {
    const { messages, faults } = deframe(
      Buffer.concat([
        websocketFrame(text('\xff\xff\xff\xff'), { flags: 0x40 }),
        websocketFrame(squeeze('z'.repeat(100_000)), { flags: 0x40 }),
        websocketFrame(text('next')),
      ]),
      1,
    );
    expect([messages, faults]).toEqual([['next'], ['decompress_failed', 'decompress_failed']]);
  });
});

describe('junk', () => {
  test.each([
    ['reserved opcode', websocketFrame(text('x'), { opcode: 3 })],
    ['reserved control opcode', websocketFrame(text('x'), { opcode: 11 })],
    ['reserved flag', websocketFrame(text('x'), { flags: 0x20 })],
    ['a fragmented control frame', websocketFrame(text('x'), { opcode: 9, fin: false })],
    ['a long control frame', websocketFrame(Buffer.alloc(126), { opcode: 9 })],
    ['a continuation of nothing', websocketFrame(text('x'), { opcode: 0 })],
    ['a message within a message', Buffer.concat([websocketFrame(text('x'), { fin: false }), websocketFrame(text('y'))])],
    ['a length beyond reason', Buffer.from('81ffffffffffffffffffffffffffffff', 'hex')],
    ['HTTP', text('GET /chat HTTP/1.1\r\n')],
  ])('%s is a fault and ends it', (_, stream) => {
    const { messages, faults, deframer } = deframe(Buffer.concat([stream, websocketFrame(text('more'))]), 1);
    expect([messages, faults, deframer.ended, deframer.holding]).toEqual([[], ['corrupt'], true, false]);
  });

  test('a message above the limit is skipped and reported, in one frame or several', () => {
    const { messages, faults } = deframe(
      Buffer.concat([
        websocketFrame(Buffer.alloc(70_001)),
        websocketFrame(Buffer.alloc(60_000), { fin: false }),
        websocketFrame(Buffer.alloc(60_000), { fin: false, opcode: 0 }),
        websocketFrame(text('x'), { opcode: 0 }),
        websocketFrame(text('next')),
      ]),
      999,
    );
    expect([messages, faults]).toEqual([['next'], ['too_big', 'too_big']]);
  });

  test('random bytes never throw and never hold more than the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (bytes, step) => {
        deframe(Buffer.from(bytes), step);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});
