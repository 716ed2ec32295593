/** Runs fuzzers for a number of cases with a fixed seed, and says how it went. */
import { random } from './streams.js';
import type { Fuzzer } from './fuzzers.js';

export interface FuzzFigures {
  name: string;
  cases: number;
  seconds: number;
  worstMs: number;
  /** What was wrong, at most ten of them; each names its case. */
  problems: string[];
  failures: number;
}

const MAX_PROBLEMS = 10;

/** Cases `first` to `first + cases`: each has a seed of its own, so that one can be repeated alone. */
export async function runFuzzer(fuzzer: Fuzzer, cases: number, seed: number, first = 0): Promise<FuzzFigures> {
  const figures: FuzzFigures = { name: fuzzer.name, cases, seconds: 0, worstMs: 0, problems: [], failures: 0 };
  const fail = (place: string, error: unknown): void => {
    figures.failures++;
    if (figures.problems.length < MAX_PROBLEMS) figures.problems.push(`${place}: ${(error as Error).stack ?? String(error)}`);
  };
  const began = performance.now();
  for (let i = first; i < first + cases; i++) {
    const started = performance.now();
    try {
      const running = fuzzer.run(random((Math.imul(seed, 0x9e3779b1) + i) >>> 0));
      if (running !== undefined) await running;
    } catch (error) {
      fail(`${fuzzer.name}, seed ${seed}, case ${i}`, error);
    }
    const took = performance.now() - started;
    if (took > figures.worstMs) figures.worstMs = took;
  }
  try {
    await fuzzer.close?.();
  } catch (error) {
    fail(`${fuzzer.name}, seed ${seed}, at the end`, error);
  }
  figures.seconds = (performance.now() - began) / 1000;
  return figures;
}
