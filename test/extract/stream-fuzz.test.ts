/** Damaged streams: whatever the bytes, no exception, and every byte is accounted for. Whole ones and lossy ones: test/fuzz. */
import { expect, test } from '@jest/globals';
import { accountingErrors } from '../../src/lib/base/index.js';
import { KINDS, random, segments, stream } from '../fuzz/streams.js';
import { Conversation, SWITCHING, hear } from '../rigs/conversation.js';

const ROUNDS = process.env.SIPCAP_LONG === '1' ? 5000 : 30;

test('random bytes and damaged streams: no exception, and the counters reconcile', () => {
  const next = random(99);
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes } = stream(KINDS[next(KINDS.length)], next);
    for (let flips = next(20); flips > 0; flips--) bytes[next(bytes.length)] = next(256);
    const talk = new Conversation().open().server(next(2) === 0 ? SWITCHING : '');
    const { ledger } = hear([...talk.frames, ...segments(bytes, next).slice(2)], { parseHep: next(2) === 0, keepFrames: next(2) === 0 });
    expect(accountingErrors(ledger, [])).toEqual([]);
    expect(ledger.stream.held).toBe(0);
  }
});
