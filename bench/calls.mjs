/** A capture file to rows of calls, against its messages as text, sngrep and tshark in the same run; and one of a gigabyte. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Ledger, silentLog } from '../dist/lib/base/index.js';
import { Zone } from '../dist/lib/base/time/index.js';
import { CallIndex, summaryOf } from '../dist/lib/calls/index.js';
import { CaptureFiles } from '../dist/lib/capture/file/index.js';
import { FrameExtractor } from '../dist/lib/extract/frame-extractor.js';
import { MessagePreparer } from '../dist/lib/extract/prepare-message.js';
import { RtcpWatch } from '../dist/lib/extract/rtcp-extractor.js';
import { SipReader } from '../dist/lib/extract/sip-reader.js';
import { table } from '../dist/lib/service/call/list/formats.js';
import { StreamWriter } from '../dist/lib/sink/terminal/stream-writer.js';
import { noPaint } from '../dist/lib/sink/terminal/text-format.js';
import { pcapFile, sipMessages } from './corpus.mjs';
import { columns } from './file.mjs';
import { line, median } from './measure.mjs';
import { measured, sipcap } from './program.mjs';

const MESSAGES = 200_000;
const ROUNDS = Number(process.env.SIPCAP_BENCH_ROUNDS ?? 5);
const MEGABYTES = Number(process.env.SIPCAP_BENCH_MEGABYTES ?? 1000);
const PCAP_HEADER_BYTES = 24;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const capture = join(folder, 'messages.pcap');
  const bytes = pcapFile(sipMessages(MESSAGES));
  writeFileSync(capture, bytes);
  const works = {
    'capture mirror, one line a message': () => sipcap(['capture', 'mirror', '-q', '-r', capture]),
    'call list, NDJSON': () => sipcap(['call', 'list', '-r', capture, '--format', 'json']),
    'call list, table': () => sipcap(['call', 'list', '-r', capture]),
    'call stats': () => sipcap(['call', 'stats', '-r', capture]),
  };
  const times = new Map(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, work] of Object.entries(works)) {
      const ended = work();
      if (ended.status !== 0) throw new Error(`${name} ended with ${ended.status}: ${ended.stderr}`);
      times.get(name).push(ended);
    }
  const seconds = (name) => median(times.get(name).map(({ seconds }) => seconds));
  const cpu = (name) => median(times.get(name).map(({ cpu }) => cpu));
  const mirror = 'capture mirror, one line a message';
  for (const name of times.keys()) {
    const rss = Math.max(...times.get(name).map(({ megabytes }) => megabytes));
    line(
      name,
      `${rate(seconds(name))} messages/s, ${(seconds(mirror) / seconds(name)).toFixed(2)} of mirror (target: 0.50), by CPU ${(cpu(mirror) / cpu(name)).toFixed(2)}, ${rss} MB`,
      { 's CPU': cpu(name), MB: rss },
    );
  }
  for (const [peer, args] of [
    ['sngrep', ['-N', '-q', '-I', capture, '-O', join(folder, 'out.pcap')]],
    ['tshark', ['-q', '-z', 'sip,stat', '-r', capture]],
  ]) {
    if (spawnSync('which', [peer]).status !== 0) continue;
    const { seconds, megabytes } = measured(peer, args);
    line(peer, `${rate(seconds)} messages/s, once, ${megabytes} MB`);
  }
  await reading(capture);
  large(folder, bytes);
  rmSync(folder, { recursive: true });
}

/** Reading without the start of a program, in turns: to decoded rows, and to lines of calls. The fastest of each. */
async function reading(capture) {
  const gate = { ready: async () => {} };
  const open = () => CaptureFiles.open([capture], { stdin: new PassThrough(), log: silentLog, digests: false });
  const fastest = { rows: Infinity, calls: Infinity };
  for (let round = 0; round < 3 * ROUNDS; round++)
    for (const [name, work] of [
      ['rows', columns],
      ['calls', callLines],
    ]) {
      const began = process.hrtime.bigint();
      if ((await work(await open(), gate)) === 0) throw new Error(`no ${name}`);
      fastest[name] = Math.min(fastest[name], Number(process.hrtime.bigint() - began) / 1e9);
    }
  line('file to decoded rows', `${rate(fastest.rows)} messages/s`, { 'messages/s': MESSAGES / fastest.rows });
  line('file to lines of calls', `${rate(fastest.calls)} messages/s, ${(fastest.rows / fastest.calls).toFixed(2)} of rows (target: 0.50)`, {
    'messages/s': MESSAGES / fastest.calls,
  });
}

/** As `call list` does it; returns the number of lines. */
async function callLines(files, gate) {
  const ledger = new Ledger();
  const reader = new SipReader();
  const preparer = new MessagePreparer(ledger, () => {}, reader);
  const { row } = table(undefined, new Zone('UTC'), noPaint);
  const output = new StreamWriter(new PassThrough().resume(), () => {});
  let lines = 0;
  const index = new CallIndex({
    onCall: (call) => {
      lines++;
      output.write(row(summaryOf(call)));
    },
  });
  const extractor = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false, rtcp: new RtcpWatch(), streams: [1n] },
    ledger,
    () => '',
    (message) => {
      if (preparer.sip(message) === '') index.add(message);
      return true;
    },
    reader,
  );
  await files.start((frame) => extractor.frame(frame), gate);
  extractor.finish();
  index.finish();
  return lines;
}

/** The same messages repeatedly, each time later and with other Call-IDs. */
function large(folder, bytes) {
  const path = join(folder, 'large.pcap');
  const file = openSync(path, 'w');
  writeSync(file, bytes.subarray(0, PCAP_HEADER_BYTES));
  let written = PCAP_HEADER_BYTES;
  let messages = 0;
  for (let copy = 1; written < MEGABYTES * 1e6; copy++) {
    moveOn(bytes, copy);
    writeSync(file, bytes.subarray(PCAP_HEADER_BYTES));
    written += bytes.length - PCAP_HEADER_BYTES;
    messages += MESSAGES;
  }
  closeSync(file);
  const size = `${(written / 1e9).toFixed(2)} GB`;
  for (const [name, ...args] of [
    ['call list, NDJSON', 'list', '--format', 'json'],
    ['call list --sort -duration', 'list', '--sort', '-duration'],
    ['call stats --by peer', 'stats', '--by', 'peer'],
    ['call show of one Call-ID', 'show', 'nothing@127.0.0.1'],
  ]) {
    const { seconds, megabytes, status } = sipcap(['call', ...args, '-r', path]);
    if (status !== 0 && status !== 5) throw new Error(`${name} ended with ${status}`);
    line(`${size}: ${name}`, `${Math.round(messages / seconds).toLocaleString('en-US')} messages/s, ${megabytes} MB (target: bounded)`, {
      'messages/s': messages / seconds,
      MB: megabytes,
    });
  }
}

/** Twenty seconds later, and `Call-ID: x…` with the number of the copy instead of the first characters. */
function moveOn(bytes, copy) {
  const number = copy.toString(36).padStart(2, '0');
  for (let at = PCAP_HEADER_BYTES; at < bytes.length;) {
    bytes.writeUInt32LE(bytes.readUInt32LE(at) + 20, at);
    const length = bytes.readUInt32LE(at + 8);
    const callId = bytes.indexOf('\r\nCall-ID: ', at);
    bytes.write(number, callId + 11, 'latin1');
    at += 16 + length;
  }
}

function rate(seconds) {
  return Math.round(MESSAGES / seconds).toLocaleString('en-US');
}

if (process.argv[1]?.endsWith('calls.mjs')) await run();
