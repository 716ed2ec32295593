/** When a figure of `npm run bench -- --against REV` counts as fallen. */
import { describe, expect, test } from '@jest/globals';
import { verdict } from '../../bench/against.mjs';

describe('a figure against another revision', () => {
  test.each([
    ['slower by 10 % in every pair', 'ns', [110, 100], [111, 100], [110, 101], true],
    ['slower by 4 %', 'ns', [104, 100], [104, 100], [104, 100], false],
    ['slower by 10 %, but as much faster once', 'ns', [110, 100], [110, 100], [90, 100], false],
    ['faster', 'ns', [50, 100], [50, 100], [50, 100], false],
    ['fewer a second', 'rows/s', [90, 100], [90, 101], [90, 100], true],
    ['more a second', 'rows/s', [200, 100], [200, 100], [200, 100], false],
    ['CPU time that the clock does not resolve', 's CPU', [0.02, 0.01], [0.02, 0.01], [0.02, 0.01], false],
    ['nothing on both sides', 's CPU', [0, 0], [0, 0], [0, 0], false],
  ] as const)('%s', (_what, unit, one, two, three, falls) => {
    expect(verdict(unit, [one, two, three]).falls).toBe(falls);
  });

  test('the ratio is the median of the pairs, above 1 for worse, and the spread half their range', () => {
    const { ratio, spread, here, there } = verdict('ns', [
      [120, 100],
      [100, 100],
      [110, 100],
    ]);
    expect([ratio, here, there]).toEqual([1.1, 110, 100]);
    expect(spread).toBeCloseTo(0.1);
  });
});
