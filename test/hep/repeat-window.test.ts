/** What was received by identity: exact within its limits, bounded in memory. */
import { expect, test } from '@jest/globals';
import { ANY_CONTENT, RepeatWindow, contentCheck } from '../../src/lib/hep/index.js';
import { SequenceWindow } from '../../src/lib/hep/sequence-window.js';

test('the same identity again is a repeat; with other content it is not', () => {
  const window = new RepeatWindow();
  expect(window.take('127.0.0.1', 7n, 1, 11)).toBe('new');
  expect(window.take('127.0.0.1', 7n, 1, 11)).toBe('repeat');
  expect(window.take('127.0.0.1', 7n, 1, 12)).toBe('other');
  expect(window.take('127.0.0.1', 7n, 1, ANY_CONTENT)).toBe('repeat');
});

test('streams and senders are told apart', () => {
  const window = new RepeatWindow();
  expect([
    window.take('127.0.0.1', 7n, 1, 1),
    window.take('127.0.0.2', 7n, 1, 1),
    window.take('127.0.0.1', 8n, 1, 1),
    window.take('127.0.0.1', 7n, 1, 1),
  ]).toEqual(['new', 'new', 'new', 'repeat']);
});

test('of each stream exactly the last sequences are known, as a plain set and queue would', () => {
  const most = 1024;
  const window = new SequenceWindow(most);
  const plain = new Map<number, number>();
  let random = 1;
  let wrong = 0;
  const next = (below: number) => (random = Math.imul(random, 1_103_515_245) + 12_345) >>> 8 && (random >>> 8) % below;
  for (let i = 0; i < 40_000; i++) {
    // Running numbers with gaps and repeats, and places in a file.
    const sequence = i % 3 === 0 ? next(6000) + 1 : (next(4000) + 1) * 2 ** 20 + next(3) * 16 + 1;
    if (window.checkOf(sequence) !== (plain.get(sequence) ?? -1)) wrong++;
    if (plain.has(sequence)) continue;
    window.add(sequence, i);
    plain.set(sequence, i);
    if (plain.size > most) plain.delete(plain.keys().next().value!);
  }
  expect([wrong, window.room]).toEqual([0, most]);
});

test('131,072 sequences of a stream are known, the one before them is not', () => {
  const window = new RepeatWindow();
  for (let sequence = 1; sequence <= 131_073; sequence++) window.take('a', 1n, sequence, 1);
  expect(window.take('a', 1n, 2, 1)).toBe('repeat');
  expect(window.take('a', 1n, 131_073, 1)).toBe('repeat');
  expect(window.take('a', 1n, 1, 1)).toBe('new');
});

test('what is remembered is bounded: the stream used longest ago gives way', () => {
  const window = new RepeatWindow({ streams: 3, sequences: 1024, total: 1e6 });
  for (const stream of [1n, 2n, 3n]) window.take('a', stream, 1, 1);
  expect(window.take('a', 1n, 1, 1)).toBe('repeat');
  window.take('a', 4n, 1, 1);
  expect(window.size.streams).toBe(3);
  expect([window.take('a', 1n, 1, 1), window.take('a', 3n, 1, 1), window.take('a', 2n, 1, 1)]).toEqual(['repeat', 'repeat', 'new']);
});

test('all streams together are bounded, too', () => {
  const window = new RepeatWindow({ streams: 1024, sequences: 4096, total: 16_384 });
  for (let stream = 1n; stream <= 20n; stream++) for (let sequence = 1; sequence <= 4096; sequence++) window.take('a', stream, sequence, 1);
  expect(window.size.room).toBeLessThanOrEqual(16_384);
  expect(window.take('a', 20n, 1, 1)).toBe('repeat');
  expect(window.take('a', 1n, 1, 1)).toBe('new');
});

test('the check of content sees every byte', () => {
  const bytes = Buffer.from('INVITE sip:b@127.0.0.1 SIP/2.0\r\n');
  const checks = new Set([contentCheck(bytes, 0, bytes.length)]);
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at] ^= 1;
    checks.add(contentCheck(other, 0, other.length));
  }
  expect([checks.size, checks.has(ANY_CONTENT)]).toEqual([bytes.length + 1, false]);
});
