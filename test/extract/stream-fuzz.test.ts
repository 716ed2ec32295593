/**
 * Differential tests of streams: however the same bytes are cut into segments, repeated and put out of order, the
 * messages are the same; and whatever is lost of them, no message is invented, and every byte is accounted for.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { accountingErrors, type Frame } from '../../src/lib/base/index.js';
import { Conversation, SWITCHING, UPGRADE, hear, webSocketFrame } from '../rigs/conversation.js';
import { plain } from '../rigs/hep-packets.js';
import { options } from '../rigs/messages.js';
import { seeded } from '../rigs/random.js';

const ROUNDS = process.env.SIPCAP_LONG === '1' ? 5000 : 50;

/** Numbers below the one given. */
function random(seed: number): (below: number) => number {
  const number = seeded(seed);
  return (below) => Math.floor(number() * below);
}

const JUNK = ['\r\n\r\n', '\r\n', '\0', 'jaK', 'text in a line\r\n', '<xml/>', '\x16\x03\x01\x02', 'POST /x HTTP/1.1\r\n\r\n'];

/** A stream of one protocol, and the messages in it. */
function stream(kind: string, next: (below: number) => number): { bytes: Buffer; sent: Buffer[] } {
  const parts: Buffer[] = kind === 'WebSocket' ? [Buffer.from(UPGRADE)] : [];
  const sent: Buffer[] = [];
  for (let i = 2 + next(8); i > 0; i--) {
    const sip = options(`call-${i}-${next(1e6)}`, next(3) === 0 ? next(3000) : next(60));
    if (kind === 'HEP') {
      parts.push(plain({ 15: sip.toString('latin1') }));
    } else if (kind === 'WebSocket') {
      const compressed = next(3) === 0;
      const text = compressed ? deflateRawSync(sip, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4) : sip;
      parts.push(webSocketFrame(text, true, compressed ? 0xc1 : 0x81));
      if (next(4) === 0) parts.push(webSocketFrame('', true, 0x89));
    } else {
      if (next(3) === 0) parts.push(Buffer.from(JUNK[next(JUNK.length)], 'latin1'));
      parts.push(sip);
    }
    sent.push(sip);
  }
  return { bytes: Buffer.concat(parts), sent };
}

/** The bytes as segments: cut anywhere, some sent twice or overlapping, some late by a few places. */
function segments(bytes: Buffer, next: (below: number) => number): Frame[] {
  const largest = 1 + next(next(2) === 0 ? 40 : 1500);
  const pieces: { at: number; from: number; to: number }[] = [];
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = Math.min(bytes.length, from + 1 + next(largest));
    const late = next(6) === 0 ? next(8) : 0;
    pieces.push({ at: i + late, from, to });
    if (next(8) === 0) pieces.push({ at: i + next(8), from: Math.max(0, from - next(20)), to });
    from = to;
  }
  pieces.sort((a, b) => a.at - b.at);
  const { frames } = new Conversation().open();
  for (const { from, to } of pieces) {
    const one = new Conversation().lose('client', from).client(bytes.subarray(from, to));
    frames.push(...one.frames);
  }
  return frames.map((frame, i) => ({ ...frame, number: i + 1, capturedAt: 1_700_000_000_000_000 + i }));
}

describe.each(['SIP', 'WebSocket', 'HEP'])('%s', (kind) => {
  test('cut, repeated and out of order: the same messages', () => {
    const next = random(4711);
    for (let round = 0; round < ROUNDS; round++) {
      const { bytes, sent } = stream(kind, next);
      const { texts, ledger } = hear(segments(bytes, next), { parseHep: true });
      expect({ round, texts }).toEqual({ round, texts: sent.map((sip) => sip.toString('latin1')) });
      expect(accountingErrors(ledger, [])).toEqual([]);
      expect(ledger.stream.received).toBe(bytes.length);
      expect(ledger.lost.toJSON()).toEqual({});
    }
  });

  test('with segments lost: no message that was not sent, cut ones are beginnings, every byte is accounted for', () => {
    const next = random(815);
    for (let round = 0; round < ROUNDS; round++) {
      const { bytes, sent } = stream(kind, next);
      const frames = segments(bytes, next);
      const kept = frames.filter(() => next(12) !== 0);
      const { texts, ledger } = hear(kept, { parseHep: true });
      const originals = sent.map((sip) => sip.toString('latin1'));
      const invented = texts.filter((text) => !originals.some((original) => original.startsWith(text)));
      expect({ round, invented }).toEqual({ round, invented: [] });
      const whole = texts.filter((text) => originals.includes(text));
      expect(new Set(whole).size).toBe(whole.length);
      expect(accountingErrors(ledger, [])).toEqual([]);
      expect(ledger.stream.held).toBe(0);
    }
  });
});

test('random bytes and damaged streams: no exception, and the accounts hold', () => {
  const next = random(99);
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes } = stream(['SIP', 'WebSocket', 'HEP'][next(3)], next);
    for (let flips = next(20); flips > 0; flips--) bytes[next(bytes.length)] = next(256);
    const talk = new Conversation().open().server(next(2) === 0 ? SWITCHING : '');
    const { ledger } = hear([...talk.frames, ...segments(bytes, next).slice(2)], { parseHep: next(2) === 0, keepFrames: next(2) === 0 });
    expect(accountingErrors(ledger, [])).toEqual([]);
    expect(ledger.stream.held).toBe(0);
  }
});
