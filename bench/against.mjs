/**
 * `npm run bench -- --against REV`: builds REV in a temporary worktree, gives it these benchmarks, runs each section there and
 * here in turns, and compares every figure pair by pair. A row falls if it is more than 5 % worse beyond the spread of its pairs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const TOLERANCE = 0.05;
/** Not compared below these: the clock of CPU time ticks a hundred times a second. */
const SMALLEST = { 's CPU': 0.05, 's CPU of ours': 0.05, 's CPU of both': 0.05 };
/** A section takes minutes, not this. */
const PATIENCE_MS = 30 * 60_000;

const git = (...args) => execFileSync('git', ['-C', here, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** Resolves to the exit code: 1 if a row falls, or if something could not be compared because of this tree. */
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
    const [rows, gaps] = [[], []];
    mkdirSync(dirname(jsonPath), { recursive: true });
    for (const section of sections) {
      const found = compared(section, there, pairs, folder);
      rows.push(...found.results);
      gaps.push(...found.gaps);
      // After each section: an interrupted run leaves what it measured.
      const report = { against: commit, node: process.version, date: new Date().toISOString(), rows, gaps };
      writeFileSync(jsonPath, `${JSON.stringify(report, null, 1)}\n`);
    }
    const fallen = rows.filter(({ falls }) => falls);
    console.log(
      `\n${rows.length} figures, ${fallen.length} fallen by more than ${TOLERANCE * 100} % beyond their spread, ${gaps.length} gaps; ${jsonPath}`,
    );
    for (const { section, row, unit, ratio } of fallen) console.log(`FALLEN ${section}: ${row}, ${unit}: ${ratio.toFixed(3)}`);
    for (const { section, what, why } of gaps) console.log(`GAP ${section}: ${what}: ${why}`);
    return fallen.length > 0 || gaps.some(({ isOurs }) => isOurs) ? 1 : 0;
  } finally {
    remove();
  }
}

/** Builds the revision; its commit. */
function built(revision, there) {
  const commit = git('rev-parse', '--verify', `${revision}^{commit}`);
  if (isStale()) build(here);
  git('worktree', 'add', '--detach', there, commit);
  symlinkSync(join(here, 'node_modules'), join(there, 'node_modules'));
  const hasSameAddon = git('diff', '--name-only', commit, '--', 'native', 'binding.gyp') === '';
  if (hasSameAddon && existsSync(join(here, 'build'))) symlinkSync(join(here, 'build'), join(there, 'build'));
  else execFileSync(process.execPath, ['native/build.mjs'], { cwd: there, stdio: ['ignore', 'ignore', 'inherit'] });
  build(there);
  rmSync(join(there, 'bench'), { recursive: true });
  cpSync(join(here, 'bench'), join(there, 'bench'), { recursive: true, filter: (path) => !path.endsWith('.peers') });
  mkdirSync(join(here, 'bench/.peers'), { recursive: true });
  symlinkSync(join(here, 'bench/.peers'), join(there, 'bench/.peers'));
  return commit;
}

function build(root) {
  execFileSync('npm', ['run', '-s', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A source of this tree is newer than what is built of it. */
function isStale() {
  const stamp = join(here, 'dist/.built');
  if (!existsSync(stamp)) return true;
  const { mtimeMs } = statSync(stamp);
  return readdirSync(join(here, 'src'), { recursive: true }).some((name) => statSync(join(here, 'src', name)).mtimeMs > mtimeMs);
}

/** Every figure of a section, with the ratio of each pair. A section with a fallen row is measured as often again before it counts. */
function compared(section, there, pairs, folder) {
  console.log(`\n== ${section}`);
  const runs = measuredPairs(section, there, pairs, folder);
  if (judged(section, runs).results.some(({ falls }) => falls)) runs.push(...measuredPairs(section, there, pairs, folder));
  const { results, gaps } = judged(section, runs);
  for (const { row, unit, here: ours, there: theirs, ratio, spread, falls, ratios } of results)
    console.log(
      `${`${row}, ${unit}`.padEnd(60)} ${figure(ours)} here, ${figure(theirs)} there: ${ratio.toFixed(3)} ± ${spread.toFixed(3)}` +
        `${ratios.length < runs.length ? ` (${ratios.length} of ${runs.length} pairs)` : ''}${falls ? ' FALLEN' : ''}`,
    );
  for (const { what, why } of gaps) console.log(`${what.padEnd(60)} ${why}`);
  return { results, gaps };
}

/** Of each pair the runs here and there. The order alternates: the machine may change slowly. */
function measuredPairs(section, there, pairs, folder) {
  const runs = [];
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? [here, there] : [there, here];
    const found = new Map(order.map((root) => [root, figures(root, section, folder)]));
    runs.push([found.get(here), found.get(there)]);
    // What does not run at all is not tried in every pair.
    if (runs.at(-1).some(({ problem }) => problem !== '')) break;
  }
  return runs;
}

/**
 * `runs`: of each pair `{ rows, problem }` here and there. A figure counts with the pairs that measured it on both sides; each gap
 * is listed with its reason.
 */
export function judged(section, runs) {
  const [results, gaps] = [[], []];
  const sides = ['here', 'there'];
  const gap = (what, why, isOurs) => gaps.push({ section, what, why, isOurs });
  sides.forEach((side, at) => {
    const failed = runs.filter((pair) => pair[at].problem !== '');
    if (failed.length > 0)
      gap('the section', `failed ${side} in ${failed.length} of ${runs.length} runs: ${failed[0][at].problem}`, at === 0);
  });
  const good = runs.filter((pair) => pair.every(({ problem }) => problem === ''));
  const names = new Map(
    good.flatMap((pair) => pair.flatMap(({ rows }) => rows.map(({ row, unit }) => [`${row}, ${unit}`, { row, unit }]))),
  );
  for (const [what, { row, unit }] of names) {
    const values = good.map((pair) => pair.map(({ rows }) => rows.find((other) => other.row === row && other.unit === unit)?.value));
    const whole = values.filter((pair) => !pair.includes(undefined));
    sides.forEach((side, at) => {
      const missing = values.filter((pair) => pair[at] === undefined).length;
      if (missing > 0)
        gap(
          what,
          missing === values.length ? `never measured ${side}` : `not measured ${side} in ${missing} of ${values.length} runs`,
          at === 0,
        );
    });
    if (whole.length > 0) results.push({ section, row, ...verdict(unit, whole) });
  }
  return { results, gaps };
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

/** One run of a section; one that fails is run once more, and the log says so. */
function figures(root, section, folder) {
  const first = attempted(root, section, folder);
  if (first.problem === '') return first;
  const second = attempted(root, section, folder);
  const side = root === here ? 'here' : 'there';
  if (second.problem === '') console.log(`run again after a failure ${side}: ${first.problem}`);
  return second;
}

function attempted(root, section, folder) {
  const json = join(folder, 'figures.json');
  rmSync(json, { force: true });
  const env = { ...process.env, SIPCAP_BENCH_ROUNDS: process.env.SIPCAP_BENCH_ROUNDS ?? '1' };
  const args = [join(root, 'bench/index.mjs'), section, '--json', json];
  const stdio = ['ignore', 'ignore', 'pipe'];
  const ended = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', stdio, timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  const { status, signal, stderr } = ended;
  const rows = status === 0 && existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')).sections[section] : [];
  if (rows.length > 0) return { rows, problem: '' };
  if (status === 0) return { rows, problem: 'it measured nothing' };
  if (signal !== null) return { rows, problem: `it hung and was ended (${signal})` };
  return { rows, problem: stderr.split('\n').find((text) => /Error/.test(text)) ?? (stderr.trim().slice(-500) || `exit code ${status}`) };
}

function figure(value) {
  return Number(value.toPrecision(4)).toLocaleString('en-US');
}
