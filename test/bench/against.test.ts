/** When a figure of `npm run bench -- --against REV` counts as fallen. */
import { describe, expect, test } from '@jest/globals';
import { judged, verdict, type BenchRun } from '../../bench/against.mjs';

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

describe('figures that are missing', () => {
  const run = (...rows: [row: string, value: number][]): BenchRun => ({
    rows: rows.map(([row, value]) => ({ row, unit: 'ms', value })),
    problem: '',
  });
  const failed: BenchRun = { rows: [], problem: 'Error: help ended with 1' };
  const gapsOf = (...runs: [BenchRun, BenchRun][]) =>
    judged('start', runs).gaps.map(({ what, why, isOurs }) => `${what}: ${why}${isOurs ? ', ours' : ''}`);

  test('none', () => {
    const { results, gaps } = judged('start', [[run(['help', 110]), run(['help', 100])]]);
    expect([results.map(({ row, falls }) => [row, falls]), gaps]).toEqual([[['help', true]], []]);
  });

  test('a figure that one side never measures', () => {
    const both = [run(['help', 1], ['version', 1]), run(['help', 1])] as [BenchRun, BenchRun];
    expect(gapsOf(both, both)).toEqual(['version, ms: never measured there']);
    expect(gapsOf([both[1], both[0]])).toEqual(['version, ms: never measured here, ours']);
  });

  test('a figure that is missing once counts with the other pairs', () => {
    const { results, gaps } = judged('start', [
      [run(['help', 2], ['version', 2]), run(['help', 1], ['version', 1])],
      [run(['help', 2]), run(['help', 1], ['version', 1])],
    ]);
    expect(results.map(({ row, ratios }) => [row, ratios])).toEqual([
      ['help', [2, 2]],
      ['version', [2]],
    ]);
    expect(gaps.map(({ why }) => why)).toEqual(['not measured here in 1 of 2 runs']);
  });

  test('a section that fails is named with its error, and its other pairs count', () => {
    const good = [run(['help', 1]), run(['help', 1])] as [BenchRun, BenchRun];
    expect(gapsOf(good, [run(['help', 1]), failed])).toEqual(['the section: failed there in 1 of 2 runs: Error: help ended with 1']);
    expect(judged('start', [good, [failed, run(['help', 1])]]).results).toHaveLength(1);
    expect(gapsOf([failed, failed])).toEqual([
      'the section: failed here in 1 of 1 runs: Error: help ended with 1, ours',
      'the section: failed there in 1 of 1 runs: Error: help ended with 1',
    ]);
  });
});
