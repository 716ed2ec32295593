/**
 * HEP over UDP into databases, from a paced sender: what is stored of what was sent, CPU, memory. SQLite always;
 * MariaDB and PostgreSQL where SIPCAP_TEST_MYSQL and SIPCAP_TEST_POSTGRES name one (scripts/servers.sh starts them).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blast, cpuSeconds, residentMegabytes, startProgram } from './load.mjs';
import { line } from './measure.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const PORT = 29_420;
const SECONDS = Number(process.env.SIPCAP_BENCH_SECONDS ?? 10);

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const targets = [['SQLite', `sqlite:${join(folder, 'listen.db')}`, 12_000]];
  if (process.env.SIPCAP_TEST_MYSQL) targets.push(['MariaDB', process.env.SIPCAP_TEST_MYSQL, 20_000]);
  if (process.env.SIPCAP_TEST_POSTGRES) targets.push(['PostgreSQL', process.env.SIPCAP_TEST_POSTGRES, 20_000]);
  for (const [name, url, rate] of targets) {
    const table = `bench_${process.pid}`;
    const listener = await startProgram([program, 'hep', 'listen', `hep_udp:127.0.0.1:${PORT}`, '--db', url, '--table', table, '--stats', 'json']);
    await blast(PORT, 1000, 1, ['-S', '9000000']);
    const before = cpuSeconds(listener.child.pid);
    const sent = await blast(PORT, rate, SECONDS);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const cpu = ((cpuSeconds(listener.child.pid) - before) / sent) * 100_000;
    const memory = residentMegabytes(listener.child.pid);
    listener.child.kill('SIGTERM');
    const said = await listener.ended;
    const sums = JSON.parse(said.split('\n').find((text) => text.startsWith('{')));
    const stored = sums.sinks[0].written - 1000;
    line(`HEP/UDP into ${name}, ${rate.toLocaleString('en-US')}/s for ${SECONDS} s`, `${stored} of ${sent} stored (kernel ${sums.frames.dropped.socket_buffer ?? 0}, lost ${sums.sinks[0].lost}), ${cpu.toFixed(1)} s CPU of ours per 100,000, ${memory.toFixed(0)} MB`);
  }
  rmSync(folder, { recursive: true });
}
