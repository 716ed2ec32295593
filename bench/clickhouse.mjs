/**
 * One private ClickHouse server: a capture file into it, HEP over UDP into it, the bytes on its disk, and reading back.
 * SIPCAP_BENCH_SECONDS is the length of the round over UDP, SIPCAP_BENCH_MESSAGES the size of the file.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pcapFile, sipMessages } from './corpus.mjs';
import { blast, cpuSeconds, endedChildrenCpuSeconds, residentMegabytes, startProgram } from './load.mjs';
import { line } from './measure.mjs';

const SERVER = '/usr/sbin/clickhouse-server';
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const PORT = 29_430;
const SECONDS = Number(process.env.SIPCAP_BENCH_SECONDS ?? 10);
const MESSAGES = Number(process.env.SIPCAP_BENCH_MESSAGES ?? 200_000);
const RATES = [20_000, 40_000];

export async function run() {
  if (!existsSync(SERVER)) {
    console.log('clickhouse-server is not installed: left out');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const server = await startServer(folder);
  try {
    await server.ask('CREATE DATABASE sipcap', 'default');
    await importFile(folder, server);
    await readBack(server);
    for (const rate of RATES) await listen(server, rate);
  } finally {
    const ended = new Promise((resolve) => server.child.on('exit', resolve));
    server.child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

async function importFile(folder, server) {
  const path = join(folder, 'messages.pcap');
  writeFileSync(path, pcapFile(sipMessages(MESSAGES)));
  const before = [endedChildrenCpuSeconds(), cpuSeconds(server.child.pid)];
  const ended = spawnSync(process.execPath, [program, 'capture', 'mirror', '-r', path, '--db', server.url, '--summary', 'json'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const summary = JSON.parse(ended.stderr.split('\n').find((text) => text.startsWith('{')));
  if (summary.sinks[0].written !== MESSAGES) throw new Error(ended.stderr);
  const per = (seconds) => `${((seconds / MESSAGES) * 100_000).toFixed(2)} s`;
  const [own, other] = [endedChildrenCpuSeconds() - before[0], cpuSeconds(server.child.pid) - before[1]];
  line(
    'capture file into ClickHouse',
    `${Math.round(MESSAGES / summary.seconds).toLocaleString('en-US')} messages/s (target: 60,000 or more); CPU a 100,000: ${per(own)} of ours and ${per(other)} of the server's`,
    { 'messages/s': MESSAGES / summary.seconds, 's CPU of ours': (own / MESSAGES) * 100_000 },
  );
  await server.ask('OPTIMIZE TABLE sip_capture FINAL');
  const [rows, bytes] = (await server.ask("SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'sip_capture'"))
    .trim()
    .split('\t');
  line('bytes on disk', `${(bytes / rows).toFixed(0)} a message of 608 bytes, with LZ4 alone (18.16)`, { bytes: bytes / rows });
}

async function readBack(server) {
  const callId = (await server.ask('SELECT callid FROM sip_capture LIMIT 1')).trim();
  for (const [name, args] of [
    ['call show of one Call-ID', ['call', 'show', callId, '--single', '--format', 'json']],
    ['call list of one hour', ['call', 'list', '--format', 'json', '--summary', 'none']],
  ]) {
    const began = performance.now();
    const ended = spawnSync(process.execPath, [program, ...args, '--db', server.url], { encoding: 'utf8', maxBuffer: 1e9 });
    if (ended.status !== 0) throw new Error(ended.stderr);
    const seconds = (performance.now() - began) / 1000;
    line(name, `${seconds.toFixed(2)} s with the start of the program`, { s: seconds });
  }
}

async function listen(server, rate) {
  const args = ['hep', 'listen', `hep_udp:127.0.0.1:${PORT}`, '--db', server.url, '--table', `rate_${rate}`, '--summary', 'json'];
  const listener = await startProgram([program, ...args]);
  const own = listener.child.pid;
  const before = [cpuSeconds(own), cpuSeconds(server.child.pid)];
  const sent = await blast(PORT, rate, SECONDS);
  const memory = residentMegabytes(own);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const used = [cpuSeconds(own) - before[0], cpuSeconds(server.child.pid) - before[1]].map((seconds) => (seconds / sent) * 100_000);
  listener.child.kill('SIGTERM');
  const summary = JSON.parse(
    (await listener.ended)
      .split('\n')
      .filter((text) => text.startsWith('{'))
      .pop(),
  );
  const count = (n) => (n ?? 0).toLocaleString('en-US');
  line(
    `HEP over UDP, ${count(rate)}/s for ${SECONDS} s`,
    `${count(summary.sinks[0].written)} of ${count(sent)} stored (kernel ${count(summary.frames.dropped.socket_buffer)}, shed ${count(summary.frames.dropped.overload)}, lost ${count(summary.sinks[0].lost)}); CPU a 100,000: ${used[0].toFixed(2)} s of ours and ${used[1].toFixed(2)} s of the server's (target: 3.5 s together); ${memory.toFixed(0)} MB`,
    { 's CPU of ours': used[0], 's CPU of both': used[0] + used[1], MB: memory },
  );
}

async function startServer(folder) {
  const [http, tcp, between] = await Promise.all([freePort(), freePort(), freePort()]);
  for (const name of ['data', 'tmp']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'config.xml'),
    `<?xml version="1.0"?><yandex><logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
<http_port>${http}</http_port><tcp_port>${tcp}</tcp_port><interserver_http_port>${between}</interserver_http_port><listen_host>127.0.0.1</listen_host>
<path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><users_config>${folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>268435456</mark_cache_size></yandex>`,
  );
  writeFileSync(
    join(folder, 'users.xml'),
    `<?xml version="1.0"?><yandex><profiles><default></default></profiles><users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users><quotas><default></default></quotas></yandex>`,
  );
  const child = spawn(SERVER, [`--config-file=${join(folder, 'config.xml')}`], { stdio: 'ignore', cwd: folder });
  const ask = async (sql, database = 'sipcap') => {
    const answer = await globalThis.fetch(`http://127.0.0.1:${http}/?database=${database}`, {
      method: 'POST',
      body: sql,
      headers: { connection: 'close' },
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
    return text;
  };
  for (let tries = 0; ; tries++) {
    try {
      await ask('SELECT 1', 'default');
      break;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return { child, ask, url: `clickhouse://127.0.0.1:${http}/sipcap` };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
