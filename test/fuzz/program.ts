/**
 * The fuzzers as a program: `node scripts/fuzz.mjs [--cases N] [--seed N] [--only TEXT] [--first N]`. Cases are shared out by the
 * fuzzers' shares; `--only` gives them all to those whose name contains the text, or one of several (`a|b`). `--minutes N
 * [--fresh]` is the run guided by coverage (guided-run.ts), whose parts are processes of this program. Exits with 1 on any failure.
 */
import { parseArgs } from 'node:util';
import { datagramAddon } from '../../src/lib/base/index.js';
import { DecodePool } from '../../src/lib/extract/workers/index.js';
import { fuzzers, readers } from './fuzzers.js';
import { guidedRun } from './guided-run.js';
import { runGuided } from './guided.js';
import { readerOf } from './reader.js';
import { runFuzzer } from './run.js';
import { addonAgainstPlain, workersAgainstNone } from './threads.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    first: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '0' },
    fresh: { type: 'boolean', default: false },
    part: { type: 'string', default: '' },
    mode: { type: 'string', default: 'volume' },
    seconds: { type: 'string', default: '10' },
    folder: { type: 'string', default: '.sipcap/long/fuzz' },
  },
});
const guided = [
  ...readers(),
  ...fuzzers()
    .filter(({ name }) => !name.startsWith('reading '))
    .map(readerOf),
];
const isWanted = ({ name }: { name: string }) => values.only.split('|').some((text) => name.includes(text));
if (values.part !== '') {
  const reader = guided.find(({ name }) => name === values.part);
  if (reader === undefined) throw new Error(`no reader ${values.part}`);
  console.log(JSON.stringify(await runGuided(reader, values.mode, Number(values.seconds), Number(values.seed), values.folder)));
  process.exit(0);
}
if (Number(values.minutes) > 0) {
  const wanted = guided.filter(isWanted);
  process.exit(guidedRun(wanted, Number(values.minutes), values.folder, values.fresh) > 0 ? 1 : 0);
}

const addon = datagramAddon();
const all = [...fuzzers(), workersAgainstNone(DecodePool), ...(addon === null ? [] : [addonAgainstPlain(addon)])];
const wanted = all.filter(isWanted);
const shares = wanted.reduce((sum, { share }) => sum + share, 0);
let failures = 0;
let cases = 0;
let seconds = 0;
for (const fuzzer of wanted) {
  const figures = await runFuzzer(
    fuzzer,
    Math.ceil((Number(values.cases) * fuzzer.share) / shares),
    Number(values.seed),
    Number(values.first),
  );
  const { name, worstMs, worstCase } = figures;
  console.log(
    `${name}: ${figures.cases} cases, ${figures.seconds.toFixed(1)} s, worst ${worstMs.toFixed(1)} ms (case ${worstCase}), ${figures.failures} failures`,
  );
  for (const problem of figures.problems) console.log(`  ${problem}`);
  failures += figures.failures;
  cases += figures.cases;
  seconds += figures.seconds;
}
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(`all: ${cases} cases, ${seconds.toFixed(1)} s, ${failures} failures, at most ${megabytes} MB resident`);
process.exitCode = failures > 0 ? 1 : 0;
