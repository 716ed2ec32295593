/**
 * HEP over UDP into databases, from a paced sender: messages stored of those sent, CPU of sipcap and the server, memory, and as
 * a measure what ready-made rows take at the same pace (bare-insert.mjs, the same client and table, transactions of 1,000);
 * then far above the highest rate, in turns with it. SQLite always, servers where scripts/servers.sh started them.
 * SIPCAP_BENCH_SECONDS=60 is the long run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuFigures, databases } from './db.mjs';
import { WARM_UP_FROM, blast, cpuSeconds, residentMegabytes, startProgram, treeCpuSeconds } from './load.mjs';
import { line, median, roundsOf } from './measure.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const bare = fileURLToPath(new URL('bare-insert.mjs', import.meta.url));
const PORT = 29_420;
const SECONDS = Number(process.env.SIPCAP_BENCH_SECONDS ?? 10);
/** One database alone. */
const ONLY = process.env.SIPCAP_BENCH_DATABASE ?? '';
/** A listener runs for months: V8 compiles what is hot before it is measured. */
const WARM_UP = 20_000;
const WARM_UP_RATE = 8000;
/** Ready-made rows of one measurement, and for how many seconds at most. */
const BARE_ROWS = 60_000;
const BARE_SECONDS = 5;
/** Low, usual, and the highest without loss that is aimed at. */
const RATES = {
  SQLite: [
    [4000, 10],
    [12_000, SECONDS],
  ],
  MariaDB: [
    [4000, 10],
    [20_000, SECONDS],
    [25_000, 10],
    [40_000, 10],
  ],
  PostgreSQL: [
    [4000, 10],
    [20_000, SECONDS],
    [25_000, 10],
    [44_000, 10],
  ],
};
/** Twice as much for ten seconds is what a spool takes up. */
const USUAL = { SQLite: 12_000, MariaDB: 20_000, PostgreSQL: 20_000 };
const OVERLOAD = { SQLite: 36_000, MariaDB: 60_000, PostgreSQL: 60_000 };
const ROUNDS = roundsOf(3);
/** MariaDB first: it has the hardest targets. */
const ORDER = ['MariaDB', 'PostgreSQL', 'SQLite'];

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const found = databases(folder).sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  for (const { name, url, pid } of found) {
    if (ONLY !== '' && name !== ONLY) continue;
    const overloads = [];
    for (const [rate, seconds] of RATES[name]) {
      const isHighest = rate === RATES[name].at(-1)[0];
      const rounds = [];
      const measures = [];
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push(await once(url, pid, rate, seconds, []));
        measures.push(bareCpu(url, pid, rate));
        if (isHighest) overloads.push({ ...(await once(url, pid, OVERLOAD[name], 10, [])), best: rounds[round].perSecond });
      }
      const middle = (of) => median(rounds.map(of));
      const [own, server, memory] = [middle(({ own }) => own), middle(({ server }) => server ?? 0), middle(({ memory }) => memory)];
      const ratio = median(rounds.map(({ own, server }, i) => (own + (server ?? 0)) / measures[i]));
      const cpu = pid === 0 ? `${own.toFixed(1)} s of ours` : `${own.toFixed(1)} s of ours and ${server.toFixed(1)} s of the server's`;
      line(
        `${name}, ${figure(rate)}/s for ${seconds} s`,
        `${rounds.map(({ stored, sent }) => figure(sent - stored)).join(', ')} of ${figure(rounds[0].sent)} not stored (kernel ${figure(middle(({ summary }) => summary.frames.dropped.socket_buffer ?? 0))}, lost ${figure(middle(({ summary }) => summary.sinks[0].lost))}); CPU a 100,000: ${cpu}, ${ratio.toFixed(2)} times that of ready-made rows (${median(measures).toFixed(1)} s); ${memory.toFixed(0)} MB`,
        {
          ...cpuFigures({ cpu: own, server: pid === 0 ? null : server }),
          'times bare': ratio,
          MB: memory,
          'stored/s': middle(({ stored }) => stored / seconds),
        },
      );
    }
    const overload = (of) => median(overloads.map(of));
    line(
      `${name}, ${figure(OVERLOAD[name])}/s offered for 10 s`,
      `${figure(overload(({ perSecond }) => perSecond))} a second stored until the last was, ${overload(({ perSecond, best }) => perSecond / best).toFixed(2)} times that of the highest rate above in the same round; the rest counted (kernel ${figure(overload(({ summary }) => summary.frames.dropped.socket_buffer ?? 0))}, shed before decoding ${figure(overload(({ summary }) => summary.frames.dropped.overload ?? 0))}, lost ${figure(overload(({ summary }) => summary.sinks[0].lost))}); ${overload(({ memory }) => memory).toFixed(0)} MB`,
      {
        'stored/s': overload(({ perSecond }) => perSecond),
        'share of highest/s': overload(({ perSecond, best }) => perSecond / best),
        MB: overload(({ memory }) => memory),
      },
    );
    const half = USUAL[name] * 2;
    const spooled = await once(url, pid, half, 10, ['--spool', join(folder, `spool-${name}`)]);
    line(
      `${name}, ${figure(half)}/s for 10 s with a spool`,
      `${figure(spooled.stored)} of ${figure(spooled.sent)} stored (kernel ${figure(spooled.summary.frames.dropped.socket_buffer ?? 0)}, lost ${figure(spooled.summary.sinks[0].lost)}); ${spooled.memory.toFixed(0)} MB`,
      { MB: spooled.memory },
    );
  }
  rmSync(folder, { recursive: true });
}

let tables = 0;

/** CPU in seconds of client and server for 100,000 ready-made rows at that pace. */
function bareCpu(url, pid, rate) {
  const server = pid > 0 ? treeCpuSeconds(pid) : 0;
  const target = pid > 0 ? url : `${url}-bare-${++tables}`;
  const rows = Math.min(BARE_ROWS, rate * BARE_SECONDS);
  const args = [bare, target, `bare_${process.pid}_${++tables}`, String(rows), 'bulk', 'indexes', String(rate)];
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (ended.status !== 0) throw new Error(ended.stderr);
  const used = JSON.parse(ended.stdout).cpu + (pid > 0 ? treeCpuSeconds(pid) - server : 0);
  return (used / rows) * 100_000;
}

/** `more`: flags; with `--shape` the tables have fixed names. */
export async function once(url, pid, rate, seconds, more) {
  const table = more.includes('--shape') ? [] : ['--table', `bench_${process.pid}_${rate}_${++tables}`];
  const listener = await startProgram([
    program,
    'hep',
    'listen',
    `hep_udp:127.0.0.1:${PORT}`,
    '--db',
    url,
    ...table,
    '--summary',
    'json',
    ...more,
  ]);
  const own = listener.child.pid;
  await blast(PORT, WARM_UP_RATE, WARM_UP / WARM_UP_RATE, ['-S', String(WARM_UP_FROM)]);
  await settled(listener);
  const before = [cpuSeconds(own), pid > 0 ? treeCpuSeconds(pid) : 0];
  const began = Date.now();
  const sent = await blast(PORT, rate, seconds);
  const memory = residentMegabytes(own);
  const summary = await settled(listener);
  const took = (summary.at - began) / 1000;
  const cpu = (seconds0, now) => ((now - seconds0) / sent) * 100_000;
  const used = [cpu(before[0], cpuSeconds(own)), pid > 0 ? cpu(before[1], treeCpuSeconds(pid)) : null];
  listener.child.kill('SIGTERM');
  const said = await listener.ended;
  const last = jsonLines(said).pop();
  const stored = last.sinks[0].written - WARM_UP;
  return { stored, sent, summary: last, own: used[0], server: used[1], memory, perSecond: Math.round(stored / took) };
}

/** Requests the summary until the backlog is empty; `at` is when that was. */
async function settled(listener) {
  for (let last = -1; ;) {
    const asked = jsonLines(listener.said()).length;
    listener.child.kill('SIGUSR1');
    while (jsonLines(listener.said()).length === asked) await new Promise((resolve) => setTimeout(resolve, 20));
    const summary = jsonLines(listener.said()).pop();
    if (summary.sinks[0].waiting === 0 && summary.messages.found === last) return { ...summary, at: Date.now() - 200 };
    last = summary.messages.found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function jsonLines(text) {
  return text
    .split('\n')
    .filter((said) => said.startsWith('{') && said.endsWith('}'))
    .map((said) => JSON.parse(said));
}

function figure(count) {
  return count.toLocaleString('en-US');
}
