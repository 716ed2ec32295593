/**
 * The guided run: every reader and every fuzzer in turns, each turn a process that explores and one for volume, until the time
 * is over. Counts and inputs are kept in a folder: the same command goes on from there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartFigures } from './guided.js';
import type { Reader } from './reader.js';

interface Totals extends PartFigures {
  parts: number;
}

const EXPLORE_SHARE = 0.3;
const SECONDS = { least: 4, most: 60 };
/** Longer than its time plus this a part hangs. */
const PATIENCE_S = 120;

/** Resolves to the number of failures. */
export function guidedRun(readers: readonly Reader[], minutes: number, folder: string, isFresh: boolean): number {
  if (isFresh) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const state = join(folder, 'totals.json');
  const totals: Record<string, Totals> = existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as Record<string, Totals>) : {};
  const end = performance.now() + minutes * 60_000;
  const turn = Math.min(SECONDS.most, Math.max(SECONDS.least, (minutes * 60) / readers.length));
  while (performance.now() < end) {
    // Those with the fewest parts first: an interrupted run leaves none out.
    const queue = [...readers].sort((a, b) => (totals[a.name]?.parts ?? 0) - (totals[b.name]?.parts ?? 0));
    for (const { name } of queue) {
      if (performance.now() >= end) break;
      const total = (totals[name] ??= { parts: 0, cases: 0, kept: 0, blocks: 0, worstMs: 0, grownMegabytes: 0, failures: [] });
      for (const [mode, seconds] of [
        ['explore', turn * EXPLORE_SHARE],
        ['volume', turn * (1 - EXPLORE_SHARE)],
      ] as const) {
        const figures = part(
          name,
          mode,
          seconds,
          total.parts * 2 + (mode === 'volume' ? 1 : 0),
          join(folder, name.replaceAll(/\W+/g, '-')),
        );
        total.cases += figures.cases;
        total.kept = Math.max(total.kept, figures.kept);
        total.blocks = Math.max(total.blocks, figures.blocks);
        total.worstMs = Math.max(total.worstMs, figures.worstMs);
        total.grownMegabytes = Math.max(total.grownMegabytes, figures.grownMegabytes);
        total.failures.push(...figures.failures);
      }
      total.parts++;
      writeFileSync(state, JSON.stringify(totals, null, 1));
      console.log(line(name, total));
    }
  }
  let [failures, cases] = [0, 0];
  console.log('');
  for (const [name, total] of Object.entries(totals)) {
    console.log(line(name, total));
    for (const failure of total.failures) console.log(`  ${failure}`);
    failures += total.failures.length;
    cases += total.cases;
  }
  console.log(`fuzz: ${cases.toLocaleString('en-US')} cases of ${Object.keys(totals).length} in all parts so far, ${failures} failures`);
  return failures;
}

function line(name: string, { cases, kept, blocks, worstMs, grownMegabytes, failures }: Totals): string {
  return `${name.padEnd(32)} ${cases.toLocaleString('en-US').padStart(12)} cases, ${kept} inputs kept, ${blocks} blocks, worst ${worstMs.toFixed(1)} ms, grown ${grownMegabytes.toFixed(1)} MB, ${failures.length} failures`;
}

function part(name: string, mode: string, seconds: number, seed: number, folder: string): PartFigures {
  const args = [
    '--expose-gc',
    process.argv[1],
    // In one piece: a name may begin with a dash.
    `--part=${name}`,
    '--mode',
    mode,
    '--seconds',
    String(seconds),
    '--seed',
    String(seed),
    '--folder',
    folder,
  ];
  const ended = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: Math.ceil((seconds + PATIENCE_S) * 1000),
    killSignal: 'SIGKILL',
    maxBuffer: 1e8,
  });
  const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
  if (ended.status === 0 && last.startsWith('{')) return JSON.parse(last) as PartFigures;
  const why = ended.signal === null ? `exit code ${ended.status}: ${ended.stderr.slice(-1500)}` : `it hung and was ended (${ended.signal})`;
  return { cases: 0, kept: 0, blocks: 0, worstMs: 0, grownMegabytes: 0, failures: [`${mode}, seed ${seed}: ${why}`] };
}
