import { expect, test } from '@jest/globals';
import { FlowNumbers } from '../../src/lib/format/flow-numbers.js';

test('every flow has its own counter, which wraps at 32 bits', () => {
  const numbers = new FlowNumbers(10);
  expect([numbers.take('a', 100), numbers.take('b', 5), numbers.take('a', 0xffff_ffff), numbers.peek('a'), numbers.peek('b')]).toEqual([
    1, 1, 101, 100, 6,
  ]);
});

test('the least recently used flow is evicted, and resumes above all evicted ones', () => {
  const numbers = new FlowNumbers(2);
  numbers.take('a', 1000);
  numbers.take('b', 10);
  numbers.take('a', 1000);
  numbers.take('c', 1);
  expect([numbers.peek('a'), numbers.peek('b')]).toEqual([2001, 11]);
  numbers.take('d', 1);
  expect(numbers.peek('a')).toBe(2001);
  expect(numbers.peek('new')).toBe(2001);
});
