/** Runs fuzzers for a number of cases with a fixed seed, and reports the result. */
import { random } from './streams.js';
import type { Fuzzer } from './fuzzers.js';

export interface FuzzFigures {
  name: string;
  cases: number;
  seconds: number;
  /** Of the slowest cases the slowest when it is repeated alone: the machine may have been busy the first time. */
  worstMs: number;
  worstCase: number;
  /** Failures, at most ten; each names its case. */
  problems: string[];
  failures: number;
}

const MAX_PROBLEMS = 10;
const SLOWEST = 5;
const REPEATS = 3;

/** Cases `first` to `first + cases`: each has a seed of its own, so that one can be repeated alone. */
export async function runFuzzer(fuzzer: Fuzzer, cases: number, seed: number, first = 0): Promise<FuzzFigures> {
  const figures: FuzzFigures = { name: fuzzer.name, cases, seconds: 0, worstMs: 0, worstCase: -1, problems: [], failures: 0 };
  const fail = (place: string, error: unknown): void => {
    figures.failures++;
    if (figures.problems.length < MAX_PROBLEMS) figures.problems.push(`${place}: ${(error as Error).stack ?? String(error)}`);
  };
  const runCase = async (i: number): Promise<number> => {
    const started = performance.now();
    const running = fuzzer.run(random((Math.imul(seed, 0x9e3779b1) + i) >>> 0));
    if (running !== undefined) await running;
    return performance.now() - started;
  };
  const slowest: { i: number; took: number }[] = [];
  const began = performance.now();
  for (let i = first; i < first + cases; i++) {
    try {
      const took = await runCase(i);
      if (slowest.length < SLOWEST || took > slowest[SLOWEST - 1].took) {
        slowest.push({ i, took });
        slowest.sort((a, b) => b.took - a.took);
        slowest.length = Math.min(slowest.length, SLOWEST);
      }
    } catch (error) {
      fail(`${fuzzer.name}, seed ${seed}, case ${i}`, error);
    }
  }
  for (const { i, took } of slowest) {
    let best = took;
    for (let round = 0; round < REPEATS; round++) best = Math.min(best, await runCase(i).catch(() => Infinity));
    if (best > figures.worstMs) Object.assign(figures, { worstMs: best, worstCase: i });
  }
  try {
    await fuzzer.close?.();
  } catch (error) {
    fail(`${fuzzer.name}, seed ${seed}, at the end`, error);
  }
  figures.seconds = (performance.now() - began) / 1000;
  return figures;
}
