/**
 * The performance claims, in one run and as ratios: the same work on both sides, alternating; for each work the best
 * round counts (other load on the machine can only make it slower), for whole programs the median.
 * Usage: npm run bench [-- SECTION...] [--json FILE] [--against REV [--pairs N]]; the sections are listed below.
 * `--json` writes the figures beside the table (default with --against: .sipcap/bench.json); `--against` builds another
 * revision and compares every row with it pair by pair (against.mjs).
 * hep-js, the package that HEP decoding is compared with, is fetched into bench/.peers when needed.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { against } from './against.mjs';
import { measuredRows } from './measure.mjs';

const SECTIONS = [
  'listen',
  'db',
  'hep',
  'sip',
  'frames',
  'file',
  'output',
  'import',
  'start',
  'relay',
  'route',
  'homer7',
  'live',
  'calls',
  'filter',
  'read',
  'media',
  'clickhouse',
];
const USAGE = 'usage: npm run bench [-- SECTION...] [--json FILE] [--against REV [--pairs N]]';

function usage(problem) {
  console.error(`${problem}\n${USAGE}\nsections: ${SECTIONS.join(', ')}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: 'string' }, against: { type: 'string' }, pairs: { type: 'string', default: '3' } },
    });
  } catch (error) {
    return usage(error.message);
  }
}

const { values, positionals } = options();
const unknown = positionals.find((name) => !SECTIONS.includes(name));
if (unknown !== undefined) usage(`invalid section '${unknown}'`);
const pairs = Number(values.pairs);
if (!(Number.isInteger(pairs) && pairs >= 1)) usage(`invalid --pairs '${values.pairs}': expected a whole number above 0`);
if (!existsSync(new URL('../dist/lib/service/index.js', import.meta.url))) {
  console.error('build first: npm run build');
  process.exit(2);
}
const wanted = positionals.length > 0 ? positionals : SECTIONS;
if (values.against !== undefined) process.exit(await against(values.against, wanted, pairs, values.json));

console.log(
  `node ${process.version}, ${new Date().toISOString().slice(0, 10)}; SIP of 608 bytes on average, HEPv3 of 721; ratios count, absolute figures are this machine's`,
);
const sections = {};
for (const name of wanted) {
  console.log(`\n== ${name}`);
  const { run } = await import(`./${name}.mjs`);
  const before = measuredRows.length;
  await run();
  sections[name] = measuredRows.slice(before);
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, date: new Date().toISOString(), sections }, null, 1)}\n`);
