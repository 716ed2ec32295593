/** A capture file to rows of calls, against its messages as text, sngrep and tshark in the same run; memory; databases. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pcapFile, sipMessages } from './corpus.mjs';
import { line, median } from './measure.mjs';

const MESSAGES = 200_000;
const ROUNDS = 5;
const ROWS = Number(process.env.SIPCAP_BENCH_ROWS ?? 200_000);
const program = new URL('../bin/run.js', import.meta.url).pathname;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const capture = join(folder, 'messages.pcap');
  writeFileSync(capture, pcapFile(sipMessages(MESSAGES)));
  const sipcap = (...args) => measured(process.execPath, [program, ...args]);
  const works = {
    'capture mirror, one line a message': () => sipcap('capture', 'mirror', '-q', '-r', capture),
    'call list, NDJSON': () => sipcap('call', 'list', '-r', capture, '--format', 'json'),
    'call stats': () => sipcap('call', 'stats', '-r', capture),
  };
  const times = new Map(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) for (const [name, work] of Object.entries(works)) times.get(name).push(work());
  const seconds = (name) => median(times.get(name).map(({ seconds }) => seconds));
  const mirror = seconds('capture mirror, one line a message');
  for (const name of times.keys()) {
    const rss = Math.max(...times.get(name).map(({ megabytes }) => megabytes));
    line(name, `${rate(seconds(name))} messages/s, ${(mirror / seconds(name)).toFixed(2)} of mirror (target: 0.50), ${rss} MB`);
  }
  for (const [peer, args] of [
    ['sngrep', ['-N', '-q', '-I', capture, '-O', join(folder, 'out.pcap')]],
    ['tshark', ['-q', '-z', 'sip,stat', '-r', capture]],
  ]) {
    if (spawnSync('which', [peer]).status !== 0) continue;
    const { seconds } = measured(peer, args);
    line(peer, `${rate(seconds)} messages/s, once`);
  }
  database(folder, capture, sipcap);
  rmSync(folder, { recursive: true });
}

function database(folder, capture, sipcap) {
  const rows = join(folder, 'rows.pcap');
  if (ROWS !== MESSAGES) writeFileSync(rows, pcapFile(sipMessages(ROWS)));
  const url = `sqlite:${join(folder, 'calls.db')}`;
  sipcap('capture', 'mirror', '-q', '-r', ROWS === MESSAGES ? capture : rows, '--db', url);
  const callId = `${((1000 * 2246822519) % 4294967296).toString(16)}-1000@127.0.0.1`;
  const shown = sipcap('call', 'show', callId, '--db', url);
  line(
    `SQLite, ${ROWS.toLocaleString('en-US')} messages: call show`,
    `${shown.seconds.toFixed(2)} s with start-up (target: 0.3), ${shown.megabytes} MB`,
  );
  const listed = sipcap('call', 'list', '--db', url, '--failed', '--since', '2023-11-14 22:13:20', '--tz', 'UTC');
  line('call list --failed of an hour', `${listed.seconds.toFixed(2)} s (target: 2), ${listed.megabytes} MB`);
}

function rate(seconds) {
  return Math.round(MESSAGES / seconds).toLocaleString('en-US');
}

/** Wall time and resident memory, by GNU time where there is one. */
function measured(command, args) {
  const hasTime = spawnSync('which', ['/usr/bin/time']).status === 0;
  const began = process.hrtime.bigint();
  const { stderr } = hasTime
    ? spawnSync('/usr/bin/time', ['-f', '%M', command, ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
        env: { ...process.env, TERM: 'xterm' },
      })
    : spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', env: { ...process.env, TERM: 'xterm' } });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  return { seconds, megabytes: hasTime ? Math.round(Number(stderr.trim().split('\n').at(-1)) / 1000) : 0 };
}
