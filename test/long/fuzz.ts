/**
 * The guided fuzzers for long: `npm run test:long -- fuzz [--minutes 10] [--only TEXT] [--fresh]`. What is known so far stays in
 * `.sipcap/long/fuzz`; the same command goes on from there.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../rigs/sipcap.js';
import { flags } from './load/arguments.js';

const { values, refuse } = flags(
  {
    minutes: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    fresh: { type: 'boolean', default: false },
  },
  'fuzz [--minutes N] [--only TEXT] [--fresh]',
);
if (!(Number(values.minutes) > 0)) refuse();
const args = ['--minutes', values.minutes, '--only', values.only, ...(values.fresh ? ['--fresh'] : [])];
process.exit(spawnSync(process.execPath, [join(root, 'scripts/fuzz.mjs'), ...args], { stdio: 'inherit' }).status ?? 1);
