/** A capture file's messages as lines and as JSON on standard output, with sngrep and tshark in the same run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pcapFile, sipMessages } from './corpus.mjs';
import { line, median, roundsOf } from './measure.mjs';
import { measured, sipcap } from './program.mjs';

const MESSAGES = 200_000;
const ROUNDS = roundsOf(3);
/** With the targets in messages per second. */
const FORMATS = [
  ['one line a message', 400_000, []],
  ['JSON with every column', 250_000, ['--format', 'json']],
];

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const capture = join(folder, 'messages.pcap');
  writeFileSync(capture, pcapFile(sipMessages(MESSAGES)));
  const runs = FORMATS.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, [name, , args]] of FORMATS.entries()) {
      const ended = sipcap(['capture', 'mirror', '-q', '-r', capture, ...args]);
      if (ended.status !== 0) throw new Error(`${name} ended with ${ended.status}: ${ended.stderr}`);
      runs[i].push(ended);
    }
  for (const [i, [name, target]] of FORMATS.entries()) {
    const [seconds, cpu, memory] = ['seconds', 'cpu', 'megabytes'].map((what) => median(runs[i].map((run) => run[what])));
    line(name, `${rate(seconds)} messages/s (target: ${target.toLocaleString('en-US')}), CPU ${cpu.toFixed(2)} s, ${memory} MB`, {
      'messages/s': MESSAGES / seconds,
      's CPU': cpu,
      MB: memory,
    });
  }
  for (const [peer, args] of [
    ['sngrep', ['-N', '-q', '-I', capture, '-O', join(folder, 'out.pcap')]],
    ['tshark', ['-r', capture]],
  ]) {
    if (process.env.SIPCAP_BENCH_ROUNDS !== undefined || spawnSync('which', [peer]).status !== 0) continue;
    const { seconds, cpu, megabytes } = measured(peer, args);
    line(peer, `${rate(seconds)} messages/s, CPU ${cpu.toFixed(2)} s, once, ${megabytes} MB`);
  }
  rmSync(folder, { recursive: true });
}

function rate(seconds) {
  return Math.round(MESSAGES / seconds).toLocaleString('en-US');
}
