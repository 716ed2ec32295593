/** Timers longer than Node's own, which fire at once beyond 24.8 days. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { after, timerMs } from '../../src/lib/base/index.js';

const DAY = 86_400_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('sixty days are sixty days, and can be cancelled in between', () => {
  const fired: string[] = [];
  after(60 * DAY, () => fired.push('sixty'));
  const cancel = after(60 * DAY, () => fired.push('cancelled'));
  after(1000, () => fired.push('second'));
  jest.advanceTimersByTime(1000);
  expect(fired).toEqual(['second']);
  jest.advanceTimersByTime(30 * DAY);
  cancel();
  jest.advanceTimersByTime(30 * DAY - 2000);
  expect(fired).toEqual(['second']);
  jest.advanceTimersByTime(2000);
  expect(fired).toEqual(['second', 'sixty']);
});

test('a pause that is longer than any timer is as long as the longest', () => {
  expect([timerMs(5), timerMs(30 * DAY), timerMs(Infinity)]).toEqual([5, 2 ** 31 - 1, 2 ** 31 - 1]);
});
