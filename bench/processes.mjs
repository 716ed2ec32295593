/**
 * `hep listen --processes 2` beside one process: CPU of sipcap for each message stored, user and system, in alternating rounds.
 * HEP over UDP from eight senders at a pace that one process keeps up with. Servers where scripts/servers.sh started them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databases } from './db.mjs';
import { WARM_UP_FROM, blast, startProgram, treeCpuSeconds } from './load.mjs';
import { line, median } from './measure.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const PORT = 29_440;
const SENDERS = 8;
const RATE = Number(process.env.SIPCAP_BENCH_RATE ?? 16_000);
const SECONDS = Number(process.env.SIPCAP_BENCH_SECONDS ?? 20);
/** One database alone. */
const ONLY = process.env.SIPCAP_BENCH_DATABASE ?? '';
const ROUNDS = Number(process.env.SIPCAP_BENCH_ROUNDS ?? 3);
/** Each process compiles its hot code for itself, which takes longer where the traffic is shared. */
const WARM_UP_SECONDS = Number(process.env.SIPCAP_BENCH_WARM_UP ?? 12);

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  for (const { name, url } of databases(folder)) {
    if (name === 'SQLite' || (ONLY !== '' && name !== ONLY)) continue;
    const used = { 1: [], 2: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const processes of round % 2 === 0 ? [1, 2] : [2, 1]) used[processes].push(await once(url, processes));
    const [one, two] = [median(used[1]), median(used[2])];
    const more = median(used[1].map((each, i) => used[2][i] / each)) - 1;
    line(
      `${name}, ${RATE.toLocaleString('en-US')}/s for ${SECONDS} s, ${ROUNDS} rounds`,
      `CPU a 100,000: one process ${one.toFixed(2)} s, two ${two.toFixed(2)} s: ${(more * 100).toFixed(0)} % more (target: at most 10 %); pairs ${used[1].map((each, i) => `${each.toFixed(2)}/${used[2][i].toFixed(2)}`).join(' ')}`,
    );
  }
  rmSync(folder, { recursive: true });
}

/** Seconds of CPU for 100,000 messages. */
async function once(url, processes) {
  const table = ['--table', `bench_processes_${process.pid}`];
  const args = [program, 'hep', 'listen', `hep_udp:127.0.0.1:${PORT}`, '--db', url, ...table, '--summary', 'json'];
  const listener = await startProgram([...args, '--processes', String(processes)]);
  const { pid } = listener.child;
  const send = (seconds, more = []) => Promise.all(Array.from({ length: SENDERS }, () => blast(PORT, RATE / SENDERS, seconds, more)));
  await send(WARM_UP_SECONDS, ['-S', String(WARM_UP_FROM)]);
  const before = await settled(listener);
  const cpu = treeCpuSeconds(pid);
  await send(SECONDS);
  const after = await settled(listener);
  const used = treeCpuSeconds(pid) - cpu;
  listener.child.kill('SIGTERM');
  await listener.ended;
  return (used / (after - before)) * 100_000;
}

/** Messages stored, once nothing waits. */
async function settled(listener) {
  for (let last = -1; ;) {
    const asked = summaries(listener).length;
    listener.child.kill('SIGUSR1');
    while (summaries(listener).length === asked) await new Promise((resolve) => setTimeout(resolve, 20));
    const { written, waiting } = summaries(listener).at(-1).sinks[0];
    if (waiting === 0 && written === last) return written;
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function summaries(listener) {
  return listener
    .said()
    .split('\n')
    .filter((text) => text.startsWith('{') && text.endsWith('}'))
    .map((text) => JSON.parse(text));
}
