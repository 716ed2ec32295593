/**
 * The chaos run: `npm run test:long -- chaos [--minutes 15] [--seed 1] [--rate 150] [--only REGEXP] [--fresh]`. Random kills, lost connections,
 * read-only servers, full disks, reloads, moved and older files, clock steps, exhausted descriptors and removed interfaces over
 * MariaDB, PostgreSQL, SQLite, two shards of ClickHouse and two relay targets (a node, capture files), in parts with seeds of
 * their own; at the end of each part what is stored is compared with what was sent. Parts that are done are not run again:
 * an interrupted run is resumed with the same command.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../rigs/sipcap.js';
import { runPart, type PartResult } from './chaos/part.js';
import { canBeInside, inside } from './load/inside.js';
import type { World } from './chaos/world.js';
import { flags } from './load/arguments.js';

const PART_SECONDS = 180;

const { values, refuse } = flags(
  {
    minutes: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '150' },
    only: { type: 'string', default: '' },
    fresh: { type: 'boolean', default: false },
  },
  'chaos [--minutes N] [--seed N] [--rate MESSAGES_PER_SECOND] [--only FAULTS] [--fresh]',
);
const seconds = Number(values.minutes) * 60;
const [seed, rate] = [Number(values.seed), Number(values.rate)];
if (!(seconds > 0 && seed >= 0 && rate > 0)) refuse();

if (canBeInside()) inside();
const folder = join(root, '.sipcap/long');
mkdirSync(folder, { recursive: true });
const state = join(folder, `chaos-${values.minutes}-${seed}-${rate}${values.only.replaceAll(/\W+/g, '-')}.json`);
const results = !values.fresh && existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as PartResult[]) : [];
const log = (text: string) => process.stdout.write(`${text}\n`);

let world: World | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    log('interrupted; the same command resumes with this part');
    // What is still running meets servers that are gone.
    for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, () => {});
    void (world?.remove(false) ?? Promise.resolve()).finally(() => process.exit(130));
  });

const parts = Math.ceil(seconds / PART_SECONDS);
if (results.length > 0 && results.length < parts) log(`resuming after part ${results.length} of ${parts}`);
for (let part = results.length; part < parts; part++) {
  log(`part ${part + 1} of ${parts}`);
  results.push(
    await runPart(
      seed * 1000 + part,
      Math.min(PART_SECONDS, seconds - part * PART_SECONDS),
      rate,
      new RegExp(values.only),
      log,
      (made) => (world = made),
    ),
  );
  world = null;
  writeFileSync(state, JSON.stringify(results));
}

const total = (of: (result: PartResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
const merged = (of: (result: PartResult) => Record<string, number>) => {
  const all: Record<string, number> = {};
  for (const result of results) for (const [name, count] of Object.entries(of(result))) all[name] = (all[name] ?? 0) + count;
  return Object.entries(all)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
};
log(
  `\n${total(({ sent }) => sent)} messages sent (${total(({ sentByUdp }) => sentByUdp)} by UDP) in ${total((result) => result.seconds)} s, ` +
    `${total(({ inFiles }) => inFiles)} in rotated files (${total(({ imports }) => imports)} imports, ${total(({ importsKilled }) => importsKilled)} of them killed)`,
);
log(
  `in doubt when a receiver was killed: ${total(({ uncertain }) => uncertain)}, at the far node ${total(({ uncertainFar }) => uncertainFar)}`,
);
for (const [at, { name }] of results[0].places.entries()) {
  const of = (member: 'rows' | 'distinct' | 'missing' | 'repeated' | 'foreign' | 'cut' | 'uncertainMissing') =>
    total(({ places }) => places[at][member]);
  log(
    `${name}: ${of('rows')} rows, ${of('distinct')} distinct, ${of('missing')} missing, ${of('repeated')} repeated, ${of('foreign')} foreign, ${of('cut')} cut, ${of('uncertainMissing')} in doubt and missing`,
  );
}
log(`faults: ${merged(({ faults }) => faults)}`);
log(`dropped: ${merged(({ dropped }) => dropped) || 'none'}; lost: ${merged(({ lost }) => lost) || 'none'}`);
const problems = results.flatMap((result) => result.problems.map((problem) => `seed ${result.seed}: ${problem}`));
for (const problem of problems) log(`PROBLEM ${problem}`);
log(problems.length === 0 ? 'chaos: passed' : `chaos: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
