/**
 * HEP over UDP into the tables of Homer 7 with all their indexes, from a paced sender: messages stored of those sent, CPU of sipcap
 * and the server. Then a capture file's import against a bare COPY of the same rows, ready-made. Needs PostgreSQL, as `start_servers
 * tuned` of scripts/servers.sh starts it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pcapFile, sipMessages } from './corpus.mjs';
import { cpuFigures, databases } from './db.mjs';
import { endedChildrenCpuSeconds, treeCpuSeconds } from './load.mjs';
import { once as listenOnce } from './listen.mjs';
import { line, median, roundsOf } from './measure.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const SECONDS = Number(process.env.SIPCAP_BENCH_SECONDS ?? 30);
const RATE = Number(process.env.SIPCAP_BENCH_RATE ?? 18_000);
const MESSAGES = Number(process.env.SIPCAP_BENCH_MESSAGES ?? 100_000);
const ROUNDS = roundsOf(3);

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const found = databases(folder).find(({ name }) => name === 'PostgreSQL');
  if (found === undefined) {
    line('Homer 7', 'skipped: no PostgreSQL (scripts/servers.sh starts one)');
    return;
  }
  const { url, pid } = await freshDatabase(found);
  const { stored, sent, summary, own, server, memory } = await listenOnce(url, pid, RATE, SECONDS, ['--shape', 'homer7']);
  // Measured per message sent.
  const perStored = (seconds) => (seconds * sent) / stored;
  line(
    `Homer 7, all indexes, ${RATE.toLocaleString('en-US')}/s for ${SECONDS} s`,
    `${stored.toLocaleString('en-US')} of ${sent.toLocaleString('en-US')} stored (kernel ${summary.frames.dropped.socket_buffer ?? 0}, lost ${summary.sinks[0].lost}); CPU per 100,000 stored: ${perStored(own).toFixed(1)} s client and ${perStored(server).toFixed(1)} s server; ${memory.toFixed(0)} MB`,
    { ...cpuFigures({ cpu: perStored(own), server: perStored(server) }), MB: memory },
  );
  await ratio(url, pid, folder);
  rmSync(folder, { recursive: true });
}

/** The first import makes the tables and partitions, and the rows that the bare COPY sends again. */
async function ratio(url, pid, folder) {
  const path = join(folder, 'messages.pcap');
  writeFileSync(path, pcapFile(sipMessages(MESSAGES)));
  const client = new pg.Client(url);
  await client.connect();
  const tables = (await client.query("SELECT relname FROM pg_class WHERE relkind = 'p' AND relname ~ '^hep_proto_1_' ORDER BY 1")).rows.map(
    ({ relname }) => relname,
  );
  // Only the rows of the file.
  for (const table of tables) await client.query(`TRUNCATE ${table}`);
  imported(path, url);
  const { to: copyTo } = await import('pg-copy-streams');
  const ready = [];
  for (const table of tables) {
    const lines = [];
    for await (const piece of client.query(
      copyTo(`COPY (SELECT sid, create_date, protocol_header, data_header, raw FROM ${table} ORDER BY id) TO STDOUT`),
    ))
      lines.push(piece);
    if (lines.length > 0) ready.push({ table, text: Buffer.concat(lines).toString() });
  }
  const results = { bare: [], ours: [], ratio: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const table of tables) await client.query(`TRUNCATE ${table}`);
    results.bare.push(await measured(pid, () => bareCopy(client, ready)));
    for (const table of tables) await client.query(`TRUNCATE ${table}`);
    results.ours.push(await measured(pid, () => imported(path, url)));
    results.ratio.push(results.ours[round].rate / results.bare[round].rate);
  }
  await client.end();
  const text = ({ rate, cpu, server }) =>
    `${Math.round(rate).toLocaleString('en-US')} rows/s, CPU per 100,000: client ${cpu.toFixed(1)} s, server ${server.toFixed(1)} s`;
  const middle = (list) => [...list].sort((a, b) => a.rate - b.rate)[list.length >> 1];
  line('Homer 7, all indexes: bare COPY of ready-made rows', text(middle(results.bare)));
  line(
    'Homer 7, all indexes: capture file',
    `${text(middle(results.ours))}; ${median(results.ratio).toFixed(2)} of bare (target: 0.8 or more)`,
    { 'rows/s': middle(results.ours).rate, ...cpuFigures(middle(results.ours)) },
  );
}

async function measured(pid, work) {
  const before = treeCpuSeconds(pid);
  const { rows, seconds, cpu } = await work();
  return { rate: rows / seconds, cpu: (cpu / rows) * 100_000, server: ((treeCpuSeconds(pid) - before) / rows) * 100_000 };
}

/** 1,000 rows to a transaction, as the import does. */
async function bareCopy(client, ready) {
  const { from: copyFrom } = await import('pg-copy-streams');
  const pieces = ready.flatMap(({ table, text }) => {
    const lines = text.trimEnd().split('\n');
    const list = [];
    for (let at = 0; at < lines.length; at += 1000)
      list.push({ table, bytes: Buffer.from(`${lines.slice(at, at + 1000).join('\n')}\n`), rows: Math.min(1000, lines.length - at) });
    return list;
  });
  const began = performance.now();
  const cpu = process.cpuUsage();
  let rows = 0;
  for (const { table, bytes, rows: count } of pieces) {
    await new Promise((resolve, reject) => {
      const stream = client.query(copyFrom(`COPY ${table} (sid, create_date, protocol_header, data_header, raw) FROM STDIN`));
      stream.on('error', reject);
      stream.on('finish', resolve);
      stream.end(bytes);
    });
    rows += count;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { rows, seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 };
}

function imported(path, url) {
  const before = endedChildrenCpuSeconds();
  const ended = spawnSync(
    process.execPath,
    [program, 'capture', 'mirror', '-r', path, '--again', '--db', url, '--shape', 'homer7', '--summary', 'json'],
    { encoding: 'utf8' },
  );
  const summary = JSON.parse(ended.stderr.split('\n').find((text) => text.startsWith('{')));
  if (summary.sinks[0].written !== MESSAGES) throw new Error(ended.stderr);
  return { rows: MESSAGES, seconds: summary.seconds, cpu: endedChildrenCpuSeconds() - before };
}

/** Its own database: the tables have fixed names. */
async function freshDatabase({ url, pid }) {
  const name = `bench_homer7_${process.pid}`;
  const client = new pg.Client(url);
  await client.connect();
  // Names are compared byte by byte, which is fastest (docs/homer.md).
  await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`);
  await client.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, pid };
}
