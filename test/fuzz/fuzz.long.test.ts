/** The fuzzers for longer, decoding workers among them: the program of scripts/fuzz.mjs, whose exit code is the result. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const CASES = process.env.SIPCAP_FUZZ_CASES ?? '50000';

test(
  `${CASES} cases`,
  () => {
    const script = resolve(import.meta.dirname, '../../scripts/fuzz.mjs');
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, '--cases', CASES], { encoding: 'utf8' });
    expect([stderr, status, stdout.includes(' 0 failures')]).toEqual(['', 0, true]);
  },
  30 * 60_000,
);
