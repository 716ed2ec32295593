/**
 * Live capture on a veth pair between two network namespaces, 650-byte SIP from a C sender on the same machine: the
 * highest rate without loss and the CPU per packet, compared with tcpdump (which only copies) and sngrep in the same run.
 * Needs root and ip netns; SIPCAP_BENCH_SECONDS is the length of each round.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pcapFile, sipMessages } from './corpus.mjs';
import { tool, treeCpuSeconds } from './load.mjs';
import { line } from './measure.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const SECONDS = Number(process.env.SIPCAP_BENCH_SECONDS ?? 5);
/** Other load on the machine can make a round fail, never succeed. */
const TRIES = 3;
const RATES = [5000, 10_000, 25_000, 50_000, 75_000, 100_000, 125_000, 150_000, 200_000, 300_000, 400_000];
const near = `scb${process.pid}a`;
const far = `scb${process.pid}b`;
const ip = (...args) => execFileSync('ip', args);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function run() {
  if (process.getuid() !== 0 || spawnSync('ip', ['netns', 'add', near]).status !== 0) {
    console.log('live capture is measured by root where there are network namespaces: left out');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  try {
    ip('netns', 'add', far);
    ip('-n', near, 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', far);
    for (const name of [near, far]) ip('-n', name, 'link', 'set', name, 'up');
    const file = join(folder, 'frames.pcap');
    writeFileSync(file, pcapFile(sipMessages(4900)));
    await pause(2000);
    for (const peer of peers(folder)) await measure(peer, file);
  } finally {
    for (const name of [near, far]) spawnSync('ip', ['netns', 'del', name]);
    rmSync(folder, { recursive: true });
  }
}

/** Name, command, and the number of packets in its final output. */
function peers(folder) {
  const written = join(folder, 'sngrep.pcap');
  const ours = (name, ...more) => ({
    name,
    isOurs: true,
    command: [
      process.execPath,
      program,
      'capture',
      'mirror',
      '-i',
      near,
      '--port',
      '5060',
      '--format',
      'none',
      '--summary',
      'json',
      ...more,
    ],
    received: ({ stderr }) => JSON.parse(stderr.split('\n').find((text) => text.startsWith('{'))).frames.received,
  });
  const all = [
    ours('sipcap, every SIP column'),
    ours('the same with --workers 1', '--workers', '1'),
    ours('the same with --workers 2', '--workers', '2'),
    {
      name: 'tcpdump -w /dev/null',
      command: ['tcpdump', '-Z', 'root', '-B', '32768', '-i', near, '-w', '/dev/null', 'port', '5060'],
      received: ({ stderr }) => Number(/(\d+) packets captured/.exec(stderr)[1]),
    },
    {
      name: 'sngrep -N -q -O',
      command: ['sngrep', '-N', '-q', '-R', '-d', near, '-O', written, 'port', '5060'],
      received: () => recordsOf(written),
    },
  ];
  return all.filter(({ command }) => spawnSync(command[0], ['--version']).error === undefined);
}

/** Raises the rate until something is lost. */
async function measure(peer, file) {
  process.stderr.write(`measuring ${peer.name}: up to ${RATES.length} rates of ${SECONDS} s and more\n`);
  let best = 0;
  let cost = '';
  let figures = {};
  for (const rate of RATES) {
    let { sent, received, cpu } = await round(peer, file, rate);
    for (let tries = 1; received < sent && tries < TRIES; tries++) ({ sent, received, cpu } = await round(peer, file, rate));
    if (received < sent) {
      line(
        peer.name,
        `${best.toLocaleString('en-US')} packets/s without loss for ${SECONDS} s${cost}; at ${rate.toLocaleString('en-US')} ${((1 - received / sent) * 100).toFixed(1)} % lost`,
        figures,
      );
      return;
    }
    best = Math.round(sent / SECONDS);
    if (peer.isOurs) figures = { 'packets/s': best, 'µs CPU': (cpu / sent) * 1e6 };
    cost = `, ${((cpu / sent) * 1e6).toFixed(1)} µs CPU a packet`;
  }
  line(peer.name, `${best.toLocaleString('en-US')} packets/s without loss${cost}: all that was sent`, figures);
}

async function round({ command, received }, file, rate) {
  const child = spawn('ip', ['netns', 'exec', near, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await pause(2000);
  const before = treeCpuSeconds(child.pid);
  const said = await new Promise((resolve) => {
    const sender = spawn(
      'ip',
      ['netns', 'exec', far, tool('frameblast'), '-i', far, '-f', file, '-r', String(rate), '-t', String(SECONDS)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    sender.stdout.on('data', (chunk) => (text += chunk));
    sender.on('close', () => resolve(text));
  });
  await pause(1000);
  const cpu = treeCpuSeconds(child.pid) - before;
  child.kill('SIGINT');
  await ended;
  return { sent: JSON.parse(said).sent, received: received({ stderr }), cpu };
}

function recordsOf(path) {
  const bytes = readFileSync(path);
  let count = 0;
  for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) count++;
  return count;
}
