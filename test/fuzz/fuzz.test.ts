/** The fuzzers with a fixed seed: a few cases here, many with SIPCAP_LONG=1 (fuzz.long.test.ts), any number with scripts/fuzz.mjs. */
import { describe, expect, test } from '@jest/globals';
import { datagramAddon } from '../../src/lib/base/index.js';
import { fuzzers } from './fuzzers.js';
import { runFuzzer } from './run.js';
import { addonAgainstPlain } from './threads.js';

/** By share, but some of each. */
const CASES = 2000;
const MIN_CASES = 12;

describe('fuzzers', () => {
  const addon = datagramAddon();
  const all = [...fuzzers(), ...(addon === null ? [] : [addonAgainstPlain(addon)])];
  test.each(all.map((fuzzer) => [fuzzer.name, fuzzer] as const))('%s', async (_name, fuzzer) => {
    const { problems } = await runFuzzer(fuzzer, Math.max(MIN_CASES, Math.ceil(CASES * fuzzer.share)), 1);
    expect(problems).toEqual([]);
  });
});
