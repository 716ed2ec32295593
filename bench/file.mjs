/** A capture file read from disk (page cache): its records, and all the way to rows of SIP columns. */
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Counters, silentLog } from '../dist/lib/base/index.js';
import { CaptureFiles } from '../dist/lib/capture/file/index.js';
import { FrameExtractor } from '../dist/lib/extract/frame-extractor.js';
import { MessagePreparer } from '../dist/lib/extract/prepare-message.js';
import { Ledger } from '../dist/lib/base/index.js';
import { DateText, NodeText, sipCaptureRow } from '../dist/lib/row/index.js';
import { pcapFile, sipMessages } from './corpus.mjs';
import { line } from './measure.mjs';

const MESSAGES = 200_000;
const ROUNDS = 15;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  const path = join(folder, 'messages.pcap');
  const bytes = pcapFile(sipMessages(MESSAGES));
  writeFileSync(path, bytes);
  const gate = { ready: async () => {} };
  const open = () => CaptureFiles.open([path], { stdin: new PassThrough(), log: silentLog, digests: false });
  const times = { bare: [], records: [], columns: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(
      await timed(async () => {
        let records = 0;
        const all = readFileSync(path);
        for (let at = 24; at + 16 <= all.length; at += 16 + all.readUInt32LE(at + 8)) records++;
        if (records !== MESSAGES) throw new Error('bad file');
      }),
    );
    times.records.push(
      await timed(async () => {
        let records = 0;
        await (await open()).start(() => ++records > 0, gate);
        if (records !== MESSAGES) throw new Error(`${records} records`);
      }),
    );
    times.columns.push(
      await timed(async () => {
        const rows = await columns(await open(), gate);
        if (rows !== MESSAGES) throw new Error(`${rows} rows`);
      }),
    );
  }
  const rate = (list) => MESSAGES / (Math.min(...list) / 1e9);
  line('bare: read the file, hop from record to record', `${(rate(times.bare) / 1e6).toFixed(1)} million records/s`);
  line(
    'records of the file source',
    `${(rate(times.records) / 1e6).toFixed(1)} million/s, ${(rate(times.records) / rate(times.bare)).toFixed(2)} of bare`,
    { 'records/s': rate(times.records) },
  );
  line(
    'file to decoded rows of SIP columns',
    `${Math.round(rate(times.columns)).toLocaleString('en-US')} messages/s (target: 350,000 or more), ${(bytes.length / 1e6 / (Math.min(...times.columns) / 1e9)).toFixed(0)} MB/s`,
    { 'messages/s': rate(times.columns) },
  );
  rmSync(folder, { recursive: true });
}

/** The messages of the capture file as rows of all SIP columns; returns their number. */
export async function columns(files, gate) {
  const ledger = new Ledger();
  const context = {
    captureNode: 'homer01',
    customField1: '',
    customField2: '',
    customField3: '',
    cuts: new Counters(),
    dates: new DateText(),
    nodes: new NodeText(),
  };
  let rows = 0;
  let at = 0;
  const values = new Array(44_000).fill(null);
  const preparer = new MessagePreparer(ledger);
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false },
    ledger,
    () => '',
    (message) => {
      preparer.prepare(message, false);
      sipCaptureRow(message, context, values, at);
      at = at + 44 < values.length ? at + 44 : 0;
      rows++;
      return true;
    },
  );
  await files.start((frame) => pipeline.frame(frame), gate);
  pipeline.finish();
  return rows;
}

async function timed(work) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began);
}
