import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SipFramer } from '../../src/lib/sip/framing.js';
import { plainHeaders, plainRequest, sipBytes } from '../rigs/sip.js';

/** Pushes the pieces one after the other. */
function frame(pieces: readonly (Buffer | string)[], framer?: SipFramer): { messages: string[]; framer: SipFramer } {
  const messages: string[] = [];
  const used = framer ?? new SipFramer((payload) => messages.push(payload.toString('latin1')));
  for (const piece of pieces) {
    const bytes = Buffer.from(piece as string, 'latin1');
    used.push(bytes, 0, bytes.length);
  }
  return { messages, framer: used };
}

function texts(pieces: readonly (Buffer | string)[]): string[] {
  return frame(pieces).messages;
}

const first = plainRequest('INVITE', [], 'v=0\r\no=x\r\n\r\nm=y\r\n').toString();
const second = plainRequest('BYE').toString();
const compact = sipBytes('SIP/2.0 200 OK', ['v: SIP/2.0/TCP h', 'l : 4'], 'abcd').toString();
const foldedLength = sipBytes('OPTIONS sip:a SIP/2.0', ['Content-Length:', ' 3', 'To: sip:b'], 'xyz').toString();
const lfOnly = 'OPTIONS sip:a SIP/2.0\nContent-Length: 2\n\nhi';
const all = [first, second, compact, foldedLength, lfOnly];

describe('where messages end', () => {
  test('several in one chunk', () => expect(texts([all.join('')])).toEqual(all));
  test('keep-alives between', () => expect(texts([`\r\n\r\n${all.join('\r\n\r\n\0\0\n')}\r\n`])).toEqual(all));
  test('one byte at a time', () => expect(texts([...all.join('')])).toEqual(all));

  test('any chunking gives the same messages', () => {
    const stream = Buffer.from(all.join('\r\n\r\n') + second, 'latin1');
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const pieces = edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge));
        expect(texts(pieces)).toEqual([...all, second]);
      }),
      { seed: 4711, numRuns: 400 },
    );
  });

  test('any bodies in any chunks', () => {
    const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const piece = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 6 }), fc.array(piece, { minLength: 1 }), (bodies, sizes) => {
        const messages = bodies.map((text) => `INVITE sip:a SIP/2.0\r\nl:${text.length}\r\n\r\n${text}`);
        const stream = messages.join('');
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          pieces.push(stream.slice(at, at + sizes[i % sizes.length]));
          at += sizes[i % sizes.length];
        }
        expect(texts(pieces)).toEqual(messages);
      }),
      { seed: 4712, numRuns: 200 },
    );
  });

  test('bytes outside the range are not read', () => {
    const messages: string[] = [];
    const framer = new SipFramer((payload) => messages.push(payload.toString()));
    const bytes = Buffer.from(`${second}${first}${second}`);
    framer.push(bytes, second.length, second.length + first.length - 1);
    expect(framer.holding).toBe(true);
    framer.push(bytes, second.length + first.length - 1, second.length + first.length);
    expect(messages).toEqual([first]);
  });
});

describe('copies', () => {
  test('a message within one chunk is delivered as a view of it', () => {
    const bytes = Buffer.from(first + second);
    const payloads: Buffer[] = [];
    new SipFramer((payload) => payloads.push(payload)).push(bytes, 0, bytes.length);
    expect(payloads.map((payload) => [payload.buffer === bytes.buffer, payload.byteOffset - bytes.byteOffset])).toEqual([
      [true, 0],
      [true, first.length],
    ]);
  });

  test('delivered bytes are never overwritten', () => {
    const payloads: Buffer[] = [];
    const framer = new SipFramer((payload) => payloads.push(payload));
    frame([first.slice(0, 100), first.slice(100) + second.slice(0, 50), second.slice(50)], framer);
    expect(payloads.map(String)).toEqual([first, second]);
  });
});

describe('without a usable Content-Length', () => {
  const head = (value: string[]) => sipBytes('OPTIONS sip:a SIP/2.0', ['To: sip:b', ...value]).toString();

  test.each([[[]], [['Content-Length: -1']], [['Content-Length: many']], [['Content-Length:']], [['Content-Length: 5x']]])(
    '%j: the rest of the chunk is body, up to the next start line',
    (value) => {
      expect(texts([`${head(value)}body\r\nmore`, second])).toEqual([`${head(value)}body\r\nmore`, second]);
      expect(texts([`${head(value)}body\r\n${second}`])).toEqual([`${head(value)}body\r\n`, second]);
      expect(texts([head(value) + second])).toEqual([head(value), second]);
    },
  );

  test('the first of two values counts', () => {
    expect(texts([`OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 3\r\n\r\nxyz\r\n`])).toEqual([
      'OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 3\r\n\r\nx',
    ]);
  });

  test('in a head that arrives in chunks', () => {
    expect(texts([head([]).slice(0, 30), `${head([]).slice(30)}body`, second])).toEqual([`${head([])}body`, second]);
  });
});

describe('junk and loss', () => {
  test('a stream that starts within a message', () => {
    const { messages, framer } = frame([first.slice(60) + second]);
    expect(messages).toEqual([second]);
    // Empty lines count as keep-alives, not as loss.
    expect(framer.losses.bytes.skipped).toBe(first.slice(60).replaceAll('\r\n\r\n', '\r\n').length);
    expect(framer.skippedInARow).toBe(0);
  });

  test('binary junk, also before a message in its own chunk', () => {
    const { messages, framer } = frame(['\x16\x03\x01\x02\xff\xff', second, '\x80\n', second]);
    expect(messages).toEqual([second, second]);
    expect(framer.losses.bytes.skipped).toBe(8);
  });

  test('a word that starts like SIP but is not', () => {
    const { messages, framer } = frame(['POST ', 'http://x HTTP/1.1\r\n\r\n', second]);
    expect(messages).toEqual([second]);
    expect(framer.losses.bytes.skipped).toBe('POST http://x HTTP/1.1\r\n'.length);
  });

  test('a gap drops a message of which too little is known, and counts it', () => {
    const { framer } = frame([first.slice(0, 60)]);
    expect(framer.holding).toBe(true);
    framer.gap(5);
    expect(framer.holding).toBe(false);
    framer.gap(5);
    expect(framer.losses.messages.get('message_lost_in_gap')).toBe(1);
  });

  test('after a gap the next start line begins a message', () => {
    const messages: string[] = [];
    const framer = new SipFramer((payload) => messages.push(payload.toString()));
    frame([first.slice(0, 60)], framer);
    framer.gap(5);
    frame([`rest of a body\r\n${second}`, first], framer);
    expect(messages).toEqual([second, first]);
  });

  test('the known part of a message is delivered at a gap and at the end', () => {
    const messages: [string, boolean][] = [];
    const framer = new SipFramer((payload, isCut) => messages.push([payload.toString(), isCut]));
    frame([second, first.slice(0, 210)], framer);
    framer.gap(5);
    frame([`rest\r\n${second}`, first.slice(0, -3)], framer);
    framer.end();
    expect(messages).toEqual([
      [second, false],
      [first.slice(0, 210), true],
      [second, false],
      [first.slice(0, -3), true],
    ]);
    expect(framer.losses.messages.total()).toBe(0);
  });

  test('Content-Length and the size of the gap locate the next message, whatever precedes it', () => {
    const body = `${second}${second}`;
    const outer = `MESSAGE sip:a SIP/2.0\r\nCall-ID: outer\r\nl: ${body.length}\r\n\r\n`;
    for (let from = 1; from < body.length; from += 17) {
      for (let to = from + 1; to <= body.length; to += 23) {
        const messages: string[] = [];
        const framer = new SipFramer((payload) => messages.push(payload.toString()));
        frame([outer + body.slice(0, from)], framer);
        framer.gap(to - from);
        frame([body.slice(to) + first], framer);
        expect(messages).toEqual([outer + body.slice(0, from), first]);
        expect(framer.losses.bytes).toMatchObject({ skipped: 0, lostInGaps: body.length - to });
      }
    }
  });

  test('a message beyond the limit is skipped exactly, including gaps', () => {
    const messages: string[] = [];
    const framer = new SipFramer((payload) => messages.push(payload.toString()), 1000);
    const body = 'INVITE sip:x SIP/2.0\r\nCall-ID: no\r\nl: 0\r\n\r\n'.repeat(40);
    frame([`MESSAGE sip:a SIP/2.0\r\nCall-ID: outer\r\nl: ${body.length}\r\n\r\n`, body.slice(0, 300)], framer);
    framer.gap(100);
    frame([body.slice(400, 500), body.slice(500) + second], framer);
    expect(messages).toEqual([second]);
    expect(framer.losses.messages.toJSON()).toEqual({ message_too_big: 1 });
  });

  test('unfinished messages are counted at the end', () => {
    const { framer } = frame([first.slice(0, 60)]);
    framer.end();
    framer.end();
    expect(framer.losses.messages.toJSON()).toEqual({ message_unfinished: 1 });
  });
});

describe('start lines after bytes without a line end', () => {
  const notify = plainRequest('NOTIFY').toString();
  test.each(['jaK', 'eight', '</xml>', 'v=0 ', 'x SIP/2.0 ', 'sip:a sip:b '])('%j', (junk) => {
    for (const message of [notify, compact]) {
      expect(texts([second, junk, message])).toEqual([second, message]);
      expect(texts([second + junk + message + second])).toEqual([second, message, second]);
      for (let cut = 1; cut < 60; cut++) {
        const glued = junk + message;
        expect([cut, texts([second, glued.slice(0, cut), glued.slice(cut), second])]).toEqual([cut, [second, message, second]]);
      }
    }
  });

  test('the end of a method after a gap is not a method; ACK is not the end of PRACK', () => {
    const ack = plainRequest('ACK').toString();
    expect(texts([notify.slice(3), second, ack, notify.slice(5) + second])).toEqual([second, ack, second]);
  });

  test('an extension method that ends like a known one is recognised', () => {
    const extension = notify.replace('NOTIFY', 'XNOTIFY');
    expect(texts([second + extension])).toEqual([second, extension]);
  });
});

describe('a body that is SIP', () => {
  const head = sipBytes('NOTIFY sip:a SIP/2.0', ['Via: SIP/2.0/TCP h', 'Call-ID: f', 'Content-Type: message/sipfrag']).toString();

  test('without Content-Length ends at the next message, not at its own start line', () => {
    expect(texts([`${head}SIP/2.0 200 OK\r\n`, second])).toEqual([`${head}SIP/2.0 200 OK\r\n`, second]);
    expect(texts([`${head}SIP/2.0 200 OK\r\n${second}`])).toEqual([`${head}SIP/2.0 200 OK\r\n`, second]);
  });
});

describe('limits', () => {
  test.each(['99999999', '99999999999999999999999999'])('a length of %s is given up at once, the next message is found', (length) => {
    const { messages, framer } = frame([`OPTIONS sip:a SIP/2.0\r\nContent-Length: ${length}\r\n\r\nbody\r\n`, second]);
    expect(messages).toEqual([second]);
    expect(framer.losses.messages.get('message_too_big')).toBe(1);
  });

  test('a message of exactly the limit passes', () => {
    const message = 'OPTIONS sip:a SIP/2.0\r\nl:10\r\n\r\n0123456789';
    for (const [limit, count] of [
      [message.length, 1],
      [message.length - 1, 0],
    ]) {
      let seen = 0;
      const framer = new SipFramer(() => seen++, limit);
      frame([message], framer);
      expect([seen, framer.losses.messages.get('message_too_big')]).toEqual([count, 1 - count]);
    }
  });

  test('a head without end', () => {
    const { framer } = frame(['OPTIONS sip:a SIP/2.0\r\n', ...Array.from({ length: 70 }, () => `X: ${'x'.repeat(1000)}\r\n`)]);
    expect(framer.losses.messages.get('message_too_big')).toBe(1);
    expect(framer.holding).toBe(false);
  });

  test('a start line without end', () => {
    const { framer } = frame(['OPTIONS sip:', ...Array.from({ length: 70 }, () => 'x'.repeat(1000))]);
    expect(framer.losses.bytes.skipped).toBeGreaterThan(65_536);
  });

  test('memory grows with the bytes received, not with Content-Length', () => {
    const before = process.memoryUsage().arrayBuffers;
    const framers = Array.from({ length: 200 }, () => frame(['OPTIONS sip:a SIP/2.0\r\nl:1000000\r\n\r\n', 'x']).framer);
    expect(framers.every((framer) => framer.holding)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test('a large message in small chunks takes linear time', () => {
    const body = 'b'.repeat(500_000);
    const stream = Buffer.from(
      `${sipBytes('INVITE sip:a SIP/2.0', [...plainHeaders('INVITE'), `Content-Length: ${body.length}`]).toString()}${body}`,
    );
    let bytes = 0;
    const framer = new SipFramer((payload) => (bytes = payload.length));
    const begun = process.hrtime.bigint();
    for (let at = 0; at < stream.length; at += 5) framer.push(stream, at, Math.min(at + 5, stream.length));
    expect(bytes).toBe(stream.length);
    // 100,000 pieces: quadratic work would take minutes.
    expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(5000);
  });
});
