/** Hostile inputs take time linear in their length: sixteen times the bytes, about sixteen times the time. */
import { describe, expect, test } from '@jest/globals';
import { isFault } from '../../src/lib/base/index.js';
import { SipFramer } from '../../src/lib/sip/framing.js';
import { headerValues, parseSip, readSdp } from '../../src/lib/sip/index.js';

const SHORT = 8_000;
const TIMES = 16;
/** Quadratic work would take TIMES times as long as linear work. */
const ALLOWANCE = 5;
const NOISE_MS = 30;

function milliseconds(work: () => void): number {
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

function expectLinear(work: (length: number) => () => void): void {
  const short = milliseconds(work(SHORT));
  const long = milliseconds(work(SHORT * TIMES));
  expect(long).toBeLessThan(Math.max(short, 0.5) * TIMES * ALLOWANCE + NOISE_MS);
}

const START = 'INVITE sip:a@b SIP/2.0\r\n';
const REST = 'Call-ID: x\r\nCSeq: 1 INVITE\r\n\r\n';
const repeated = (text: string, length: number) => text.repeat(Math.ceil(length / text.length));

const HEADS: Record<string, (length: number) => string> = {
  'lines without a colon': (length) => START + repeated('a\r\n', length) + REST,
  'lines without a colon and no other line': (length) => START + repeated('a\n', length),
  'folded lines': (length) => `${START}X: a\r\n${repeated(' a\r\n', length)}${REST}`,
  semicolons: (length) => `${START}From: <sip:a@b>${repeated(';', length)}\r\n${REST}`,
  'open quotes': (length) => `${START}From: ${repeated('";"', length)}\r\n${REST}`,
  'angle brackets': (length) => `${START}Contact: ${repeated('<', length)}\r\n${REST}`,
  'lone CRs': (length) => START + repeated('a: b\r', length) + REST,
  'blanks before a colon': (length) => `${START}From${repeated(' ', length)}: <sip:a@b>\r\n${REST}`,
  credentials: (length) => `${START}Authorization: Digest ${repeated('a="', length)}\r\n${REST}`,
  'a long URI': (length) => `INVITE sip:${repeated('@:', Math.min(length, 60_000))} SIP/2.0\r\n${REST}`,
};

describe('parsing', () => {
  test.each(Object.keys(HEADS))('%s', (name) => {
    expectLinear((length) => {
      const payload = Buffer.from(HEADS[name](length), 'latin1');
      return () => {
        const sip = parseSip(payload);
        if (!isFault(sip)) headerValues(sip, 'x-absent');
      };
    });
  });

  test('1.1 kB take well below a millisecond', () => {
    const payload = Buffer.from(START + 'a\n'.repeat(550));
    const sip = parseSip(payload);
    expect(
      milliseconds(() => {
        for (let i = 0; i < 100; i++) {
          parseSip(payload);
          if (!isFault(sip)) headerValues(sip, 'x-absent');
        }
      }) / 100,
    ).toBeLessThan(2);
  });

  test('session descriptions', () => {
    const formats = (length: number) => Array.from({ length: length / 8 }, (_, i) => i % 1000).join(' ');
    expectLinear((length) => {
      const text = `v=0\r\nm=audio 1 RTP/AVP ${formats(length)}\r\n${repeated('a=rtpmap:99 X/8000\r\n', length)}`;
      return () => readSdp(text);
    });
  });
});

const STREAMS: Record<string, (length: number) => string> = {
  'start lines': (length) => repeated('INVITE sip:a SIP/2.0\r\n', length),
  'start lines with a header each': (length) => repeated('INVITE sip:a SIP/2.0\r\nVia: x\r\n', length),
  'start lines with an empty head': (length) => repeated('x\r\nINVITE sip:a SIP/2.0\r\nX: y\r\n\r\n', length),
  'methods in a line without end': (length) => repeated('INVITE a:', length),
  'lines without end': (length) => repeated('x', length),
  'versions in a line without end': (length) => repeated('SIP/2.0 2', length),
  'empty lines': (length) => repeated('\r\n', length),
  'messages without Content-Length': (length) => repeated('x SIP/2.0\r\nINVITE sip:a SIP/2.0\r\nVia: x\r\n\r\n', length),
};

describe.each([1400, 7])('framing, in chunks of %d bytes', (pieceBytes) => {
  test.each(Object.keys(STREAMS))('%s', (name) => {
    expectLinear((length) => {
      const stream = Buffer.from(STREAMS[name](length), 'latin1');
      return () => {
        const framer = new SipFramer(() => {});
        for (let at = 0; at < stream.length; at += pieceBytes) framer.push(stream, at, Math.min(stream.length, at + pieceBytes));
        framer.end();
      };
    });
  });
});
