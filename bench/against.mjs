/**
 * `npm run bench -- --against REV`: builds REV in a temporary worktree, gives it these benchmarks, runs each section there and
 * here in turns, and compares every figure pair by pair. A row falls if it is more than 5 % worse beyond the spread of its pairs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const TOLERANCE = 0.05;
/** Not compared below these: the clock of CPU time ticks a hundred times a second. */
const SMALLEST = { 's CPU': 0.05, 's CPU of ours': 0.05, 's CPU of both': 0.05 };

const git = (...args) => execFileSync('git', ['-C', here, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** Resolves to the exit code: 1 if a row falls. */
export async function against(revision, sections, pairs, jsonPath = join(here, '.sipcap/bench.json')) {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-against-'));
  const there = join(folder, 'there');
  const remove = () => {
    spawnSync('git', ['-C', here, 'worktree', 'remove', '--force', there]);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (remove(), process.exit(130)));
  try {
    const commit = built(revision, there);
    console.log(`against ${revision} (${commit.slice(0, 12)}), ${pairs} pairs; a ratio above 1 is worse than there`);
    const rows = sections.flatMap((section) => compared(section, there, pairs, folder));
    const fallen = rows.filter(({ falls }) => falls);
    mkdirSync(dirname(jsonPath), { recursive: true });
    writeFileSync(
      jsonPath,
      `${JSON.stringify({ against: commit, node: process.version, date: new Date().toISOString(), rows }, null, 1)}\n`,
    );
    console.log(`\n${rows.length} figures, ${fallen.length} fallen by more than ${TOLERANCE * 100} % beyond their spread; ${jsonPath}`);
    for (const { section, row, unit, ratio } of fallen) console.log(`FALLEN ${section}: ${row}, ${unit}: ${ratio.toFixed(3)}`);
    return fallen.length > 0 ? 1 : 0;
  } finally {
    remove();
  }
}

/** Builds the revision; its commit. */
function built(revision, there) {
  const commit = git('rev-parse', '--verify', `${revision}^{commit}`);
  git('worktree', 'add', '--detach', there, commit);
  symlinkSync(join(here, 'node_modules'), join(there, 'node_modules'));
  const hasSameAddon = git('diff', '--name-only', commit, '--', 'native', 'binding.gyp') === '';
  if (hasSameAddon && existsSync(join(here, 'build'))) symlinkSync(join(here, 'build'), join(there, 'build'));
  else execFileSync(process.execPath, ['native/build.mjs'], { cwd: there, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('npm', ['run', '-s', 'build'], { cwd: there, stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(join(there, 'bench'), { recursive: true });
  cpSync(join(here, 'bench'), join(there, 'bench'), { recursive: true, filter: (path) => !path.endsWith('.peers') });
  mkdirSync(join(here, 'bench/.peers'), { recursive: true });
  symlinkSync(join(here, 'bench/.peers'), join(there, 'bench/.peers'));
  return commit;
}

/** Every figure of a section, with the ratio of each pair. A section with a fallen row is measured as often again before it counts. */
function compared(section, there, pairs, folder) {
  console.log(`\n== ${section}`);
  const runs = [];
  for (let rounds = 1; ; rounds++) {
    const problem = measurePairs(section, there, pairs, folder, runs);
    if (problem !== '') {
      console.log(`not comparable: it does not run there: ${problem}`);
      return [];
    }
    const { results, unmeasured } = judged(section, runs);
    if (rounds === 1 && results.some(({ falls }) => falls)) continue;
    for (const what of unmeasured) console.log(`${what.padEnd(60)} not measured in every run`);
    for (const { row, unit, here: ours, there: theirs, ratio, spread, falls } of results)
      console.log(
        `${`${row}, ${unit}`.padEnd(60)} ${figure(ours)} here, ${figure(theirs)} there: ${ratio.toFixed(3)} ± ${spread.toFixed(3)}${falls ? ' FALLEN' : ''}`,
      );
    return results;
  }
}

/** The order of a pair alternates: the machine may change slowly. What is wrong over there, '' if nothing. */
function measurePairs(section, there, pairs, folder, runs) {
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? [here, there] : [there, here];
    const found = new Map(first.map((root) => [root, figures(root, section, folder)]));
    const [ours, theirs] = [found.get(here), found.get(there)];
    if (ours.problem !== '') throw new Error(`${section}: ${ours.problem}`);
    if (theirs.problem !== '') return theirs.problem;
    runs.push([ours.rows, theirs.rows]);
  }
  return '';
}

function judged(section, runs) {
  const [results, unmeasured] = [[], []];
  for (const { row, unit } of runs[0][0]) {
    const values = runs.map((pair) => pair.map((rows) => rows.find((other) => other.row === row && other.unit === unit)?.value));
    if (values.flat().includes(undefined)) unmeasured.push(`${row}, ${unit}`);
    else results.push({ section, row, ...verdict(unit, values) });
  }
  return { results, unmeasured };
}

/** `values`: of each pair the value here and there. */
export function verdict(unit, values) {
  const [ours, theirs] = [0, 1].map((side) => median(values.map((pair) => pair[side])));
  const isMoreBetter = unit.endsWith('/s');
  const ratios = values.map(([one, other]) => (isMoreBetter ? other / one : one / other)).map((ratio) => (Number.isNaN(ratio) ? 1 : ratio));
  const ratio = median(ratios);
  const spread = (Math.max(...ratios) - Math.min(...ratios)) / 2;
  const isTiny = Math.max(ours, theirs) < (SMALLEST[unit] ?? 0);
  return { unit, here: ours, there: theirs, ratio, spread, ratios, falls: !isTiny && ratio - spread > 1 + TOLERANCE };
}

function figures(root, section, folder) {
  const json = join(folder, 'figures.json');
  rmSync(json, { force: true });
  const env = { ...process.env, SIPCAP_BENCH_ROUNDS: process.env.SIPCAP_BENCH_ROUNDS ?? '1' };
  const args = [join(root, 'bench/index.mjs'), section, '--json', json];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return { rows: JSON.parse(readFileSync(json, 'utf8')).sections[section], problem: '' };
  return { rows: [], problem: stderr.split('\n').find((text) => /Error/.test(text)) ?? stderr.trim().slice(-500) };
}

function figure(value) {
  return Number(value.toPrecision(4)).toLocaleString('en-US');
}
