/** A capture file into SQLite with all its indexes, against a bare insert of ready-made rows through the same driver. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { line, median, roundsOf } from './measure.mjs';
import { pcapFile, sipMessages } from './corpus.mjs';

const MESSAGES = 100_000;
const ROUNDS = roundsOf(3);
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const bare = fileURLToPath(new URL('bare-insert.mjs', import.meta.url));

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const path = join(folder, 'messages.pcap');
  writeFileSync(path, pcapFile(sipMessages(MESSAGES)));
  const rates = { bare: [], ours: [], read: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(
      JSON.parse(output([bare, `sqlite:${join(folder, `bare${round}.db`)}`, 'sip_capture', String(MESSAGES), 'bulk', 'indexes'], 'stdout'))
        .rate,
    );
    const summary = JSON.parse(
      output(
        [program, 'capture', 'mirror', '-r', path, '--db', `sqlite:${join(folder, `ours${round}.db`)}`, '--summary', 'json'],
        'stderr',
      ),
    );
    if (summary.sinks[0].written !== MESSAGES) throw new Error(JSON.stringify(summary));
    rates.ours.push(MESSAGES / summary.seconds);
  }
  line('bare insert of ready-made rows, 8 indexes', `${Math.round(median(rates.bare)).toLocaleString('en-US')} rows/s`);
  line(
    'capture file into SQLite, 8 indexes',
    `${Math.round(median(rates.ours)).toLocaleString('en-US')} messages/s, ${(median(rates.ours) / median(rates.bare)).toFixed(2)} of bare (target: 0.8 or more); ${(statSync(path).size / 1e6).toFixed(0)} MB file`,
    { 'messages/s': median(rates.ours) },
  );
  rmSync(folder, { recursive: true });
}

function output(args, stream) {
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1e8 });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return ended[stream];
}
