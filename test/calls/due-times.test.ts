/** When calls are checked again, and that ended calls are not kept until an obsolete timer. */
import { expect, test } from '@jest/globals';
import { Call } from '../../src/lib/calls/tracking/call.js';
import { DueTimes } from '../../src/lib/calls/tracking/due-times.js';
import { START, answered, indexed, say } from './rig.js';

test('a rescheduled call leaves its old slot within seconds', () => {
  const due = new DueTimes();
  const over: number[] = [];
  let now = START;
  const take = (calls: Call[]) => {
    for (const call of calls)
      if (call.endedAt > 0) over.push(call.number);
      else due.place(call, call.waitUntil);
  };
  for (let i = 0; i < 300; i++) {
    now = START + i * 1e6;
    due.advance(now, take);
    const call = new Call(i, `c${i}`);
    call.waitUntil = now + 180e6;
    due.place(call, call.waitUntil);
    call.endedAt = now + 1e6;
    due.place(call, call.endedAt + 5e6);
    expect(due.size).toBeLessThan(20);
  }
  due.advance(now + 10e6, take);
  expect(over).toEqual(Array.from({ length: 300 }, (_, i) => i));
  expect(due.size).toBe(0);
});

test('timers of minutes end calls on time, also after the clock jumps', () => {
  const invite = (callId: string, at: number) => say(at, 'a>b', 'INVITE', { callId, fromTag: callId });
  const others = Array.from({ length: 400 }, (_, i) => say(i * 1000, 'a>b', 'OPTIONS', { callId: `o${i}`, fromTag: `o${i}` }));
  const { calls } = indexed([invite('unanswered', 0), ...others, ...answered(3000, 9000, { callId: 'late' }).map(later)]);
  const unanswered = calls.find(({ callId }) => callId === 'unanswered')!;
  expect(unanswered).toMatchObject({ state: 'timeout', endedAt: START + 180e6 });
  // Delivered on time, among those that end then.
  const place = calls.indexOf(unanswered);
  expect(calls[place - 1].endedAt).toBeLessThanOrEqual(unanswered.endedAt);
  expect(calls[place + 1].endedAt).toBeGreaterThanOrEqual(unanswered.endedAt);
  expect(calls.at(-1)).toMatchObject({ callId: 'late', state: 'ended' });
  expect(calls).toHaveLength(402);
});

/** Hours later. */
function later<T extends { capturedAt: number }>(message: T): T {
  return { ...message, capturedAt: message.capturedAt + 7200e6 };
}
