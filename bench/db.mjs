/**
 * Each database, with and without its secondary indexes: a capture file's import against a bare bulk load of ready-made
 * rows by the fastest method of the same client, and one INSERT per row. Client and server CPU if the server's process is known.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pcapFile, sipMessages } from './corpus.mjs';
import { endedChildrenCpuSeconds, treeCpuSeconds } from './load.mjs';
import { line, median, roundsOf } from './measure.mjs';

/** Enough that the startup of the program and Node's JIT is a small part. */
const MESSAGES = 200_000;
/** One database alone. */
const ONLY = process.env.SIPCAP_BENCH_DATABASE ?? '';
const SINGLES = 2000;
const ROUNDS = roundsOf(3);
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const bare = fileURLToPath(new URL('bare-insert.mjs', import.meta.url));

/** The available databases: SQLite always, servers as started by scripts/servers.sh. */
export function databases(folder) {
  const { SIPCAP_TEST_MYSQL, SIPCAP_TEST_MYSQL_PID, SIPCAP_TEST_POSTGRES, SIPCAP_TEST_POSTGRES_PID } = process.env;
  const found = [{ name: 'SQLite', url: `sqlite:${join(folder, 'bench.db')}`, pid: 0 }];
  if (SIPCAP_TEST_MYSQL) found.push({ name: 'MariaDB', url: SIPCAP_TEST_MYSQL, pid: Number(SIPCAP_TEST_MYSQL_PID ?? 0) });
  if (SIPCAP_TEST_POSTGRES) found.push({ name: 'PostgreSQL', url: SIPCAP_TEST_POSTGRES, pid: Number(SIPCAP_TEST_POSTGRES_PID ?? 0) });
  return found;
}

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const path = join(folder, 'messages.pcap');
  writeFileSync(path, pcapFile(sipMessages(MESSAGES)));
  for (const { name, url, pid } of databases(folder)) {
    if (ONLY !== '' && name !== ONLY) continue;
    for (const keys of ['indexes', 'bare']) {
      const found = { bulk: [], ours: [], ratio: [] };
      const table = `bench_${process.pid}_${keys}`;
      for (let round = 0; round < ROUNDS; round++) {
        found.bulk.push(measured(pid, MESSAGES, () => JSON.parse(output([bare, url, table, String(MESSAGES), 'bulk', keys], 'stdout'))));
        output([bare, url, table, '0', 'bulk', keys], 'stdout');
        found.ours.push(measured(pid, MESSAGES, () => imported(path, url, table)));
        found.ratio.push(found.ours[round].rate / found.bulk[round].rate);
      }
      const single = measured(pid, SINGLES, () => JSON.parse(output([bare, url, table, String(SINGLES), 'single', keys], 'stdout')));
      const title = `${name}, ${keys === 'indexes' ? '8 indexes' : 'no secondary index'}`;
      line(`${title}: bare bulk load`, text(middle(found.bulk)));
      line(
        `${title}: capture file`,
        `${text(middle(found.ours))}; ${median(found.ratio).toFixed(2)} of bare${keys === 'indexes' ? ' (target: 0.8 or more)' : ''}`,
        { 'rows/s': middle(found.ours).rate, ...cpuFigures(middle(found.ours)) },
      );
      line(`${title}: one INSERT a row`, text(single));
    }
  }
  rmSync(folder, { recursive: true });
}

function middle(list) {
  return [...list].sort((a, b) => a.rate - b.rate)[list.length >> 1];
}

function text({ rate, cpu, server }) {
  return `${Math.round(rate).toLocaleString('en-US')} rows/s, CPU a 100,000: client ${cpu.toFixed(1)} s${server === null ? '' : `, server ${server.toFixed(1)} s`}`;
}

/** Seconds of CPU per 100,000 messages, for the comparison. */
export function cpuFigures({ cpu, server }) {
  return { 's CPU of ours': cpu, ...(server === null ? {} : { 's CPU of both': cpu + server }) };
}

/** CPU in seconds per 100,000 rows. */
function measured(pid, rows, work) {
  const before = pid > 0 ? treeCpuSeconds(pid) : 0;
  const { rate, cpu } = work();
  return { rate, cpu: (cpu / rows) * 100_000, server: pid > 0 ? ((treeCpuSeconds(pid) - before) / rows) * 100_000 : null };
}

/** The whole program, with its start. */
function imported(path, url, table) {
  const before = endedChildrenCpuSeconds();
  const summary = JSON.parse(
    output([program, 'capture', 'mirror', '-r', path, '--again', '--db', url, '--table', table, '--summary', 'json'], 'stderr')
      .split('\n')
      .find((said) => said.startsWith('{')),
  );
  if (summary.sinks[0].written !== MESSAGES) throw new Error(JSON.stringify(summary));
  return { rate: MESSAGES / summary.seconds, cpu: endedChildrenCpuSeconds() - before };
}

function output(args, stream) {
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1e8 });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return ended[stream];
}
