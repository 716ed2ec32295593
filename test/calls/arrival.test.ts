/** Live, timers run by the arrival of messages: the clocks of senders differ, and what is relayed may be old. */
import { expect, test } from '@jest/globals';
import { CallIndex, summaryOf, type CallSummary } from '../../src/lib/calls/index.js';
import type { Message } from '../../src/lib/base/index.js';
import { START, answered, say } from './rig.js';

const SECOND = 1e6;

/** Each message arrives at its time (milliseconds), stamped by a clock that is so many seconds off; every second is a tick. */
function arriving(messages: readonly { message: Message; aheadSeconds: number }[], endSeconds: number): CallSummary[] {
  const found: CallSummary[] = [];
  let now = START;
  const index = new CallIndex({ onCall: (call) => found.push(summaryOf(call)), arrivedAt: () => now });
  const queue = [...messages].sort((a, b) => a.message.capturedAt - b.message.capturedAt);
  for (; now <= START + endSeconds * SECOND; now += SECOND / 10) {
    for (; queue.length > 0 && queue[0].message.capturedAt <= now; queue.shift()) {
      const [{ message, aheadSeconds }] = queue;
      index.add({ ...message, capturedAt: message.capturedAt + aheadSeconds * SECOND });
    }
    index.advance(now);
  }
  return found;
}

const from = (messages: readonly Message[], aheadSeconds: number) => messages.map((message) => ({ message, aheadSeconds }));

test.each([0, -40, -600, -86_400, 600, 86_400])('a clock that is %i s ahead', (ahead) => {
  expect(arriving(from(answered(3000, 63_000), ahead), 75)).toMatchObject([{ state: 'ended', messages: 7, talkingMs: 60_000 }]);
});

test('one sender is an hour ahead: the calls of the others are not over', () => {
  const options = say(1000, 'c>d', 'OPTIONS', { callId: 'ping@c.example', fromTag: 'p' });
  const found = arriving([...from(answered(3000, 63_000), 0), ...from([options], 3600)], 75);
  expect(found).toMatchObject([
    { callId: 'ping@c.example', state: 'timeout' },
    { state: 'ended', messages: 7 },
  ]);
});

test('a call without a final reply is over three minutes and a little later, whatever its clock', () => {
  const invite = from([say(0, 'a>b', 'INVITE'), say(100, 'b>a', '180 Ringing', { toTag: 't' })], -600);
  expect(arriving(invite, 180)).toEqual([]);
  expect(arriving(invite, 190)).toMatchObject([{ state: 'no-answer' }]);
});
