/** Rotation of capture files: sizes, times, retention, compression; nothing is lost or duplicated, and every file is complete. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { AddressTextCache, silentLog, systemClock, type Clock, type Frame, type Message } from '../../../src/lib/base/index.js';
import { PcapReader } from '../../../src/lib/format/index.js';
import { HepDecoder } from '../../../src/lib/hep/index.js';
import { RotatingFile, type RotationOptions } from '../../../src/lib/sink/capture-file/rotating-file.js';
import { strftime } from '../../../src/lib/store/index.js';
import { hep3, sipMessages } from '../../../bench/corpus.mjs';
import { emptyDisk, fillDisk, mountSmallDisk, unmountDisk } from '../../rigs/small-disk.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipcap-rotate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
const messages = (sipMessages(200) as Buffer[]).map((sip, i) => {
  const packet = hep3(sip, i) as Buffer;
  return decoder.decode(packet, 0, packet.length, 1.8e15, {
    peerAddress: '',
    peerPort: 0,
    localAddress: '',
    localPort: 0,
    transport: 'udp',
  }) as Message;
});

function rotating(name: string, rotation: Partial<RotationOptions>, clock: Clock = systemClock): RotatingFile {
  const options = { path: join(folder, name), stdout: new PassThrough(), log: silentLog, onClosed() {} };
  return new RotatingFile(options, { maxBytes: 0, everySeconds: 0, keep: 0, compress: false, ...rotation }, clock, (pattern, at) =>
    strftime(pattern, new Date(at / 1000)),
  );
}

/** Records of a whole pcap. */
function records(bytes: Buffer): number {
  const reader = new PcapReader();
  reader.push(bytes);
  const frame: Frame = { linkType: 0, bytes, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  let count = 0;
  while (reader.next(frame)) count++;
  expect(reader.end()).toBeNull();
  return count;
}

const names = () => readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

test('by size: every message is in one file, and each file is a complete capture', async () => {
  const sink = rotating('a.pcap', { maxBytes: 30_000 });
  for (const message of messages) sink.accept(message);
  await sink.close();
  expect(names().slice(0, 3)).toEqual(['a.pcap', 'a.pcap1', 'a.pcap2']);
  expect(names().length).toBeGreaterThan(3);
  expect(names().reduce((sum, name) => sum + records(readFileSync(join(folder, name))), 0)).toBe(200);
  expect(sink.counts()).toEqual({ delivered: 200, written: 200, refused: 0, waiting: 0, lost: 0, reasons: {} });
  if (spawnSync('capinfos', ['--version']).status === 0)
    expect(
      spawnSync(
        'capinfos',
        names().map((name) => join(folder, name)),
      ).status,
    ).toBe(0);
});

test('a ring of three: the latest files reuse the names of the first', async () => {
  const sink = rotating('r.pcap', { maxBytes: 20_000, keep: 3 });
  for (const message of messages) {
    sink.accept(message);
    // As traffic would: files are closed one after the other.
    if (sink.counts().delivered % 20 === 0) await new Promise((resume) => setImmediate(resume));
  }
  await sink.close();
  expect(names()).toEqual(['r.pcap0', 'r.pcap1', 'r.pcap2']);
  for (const name of names()) records(readFileSync(join(folder, name)));
  expect(sink.counts().written).toBe(200);
});

test('by time, with the time in the name; the oldest are deleted; finished files are compressed', async () => {
  let now = Date.UTC(2026, 0, 15, 9, 30) * 1000;
  const clock: Clock = { now: () => now, monotonic: () => now / 1000 };
  const sink = rotating('t-%H%M%S.pcap', { everySeconds: 60, keep: 2, compress: true }, clock);
  for (let minute = 0; minute < 4; minute++) {
    for (const message of messages.slice(minute * 50, minute * 50 + 50)) sink.accept(message);
    now += 61e6;
  }
  await sink.close();
  expect(names()).toEqual(['t-093202.pcap.gz', 't-093303.pcap.gz']);
  for (const name of names()) expect(records(gunzipSync(readFileSync(join(folder, name))))).toBe(50);
  expect(sink.counts()).toMatchObject({ delivered: 200, written: 200, waiting: 0 });
});

test('invalid options are refused', () => {
  expect(() => rotating('a.pcap', { everySeconds: 60 })).toThrow('the name needs a time');
  expect(() => rotating('a.pcap', { maxBytes: 1000, keep: 1 })).toThrow('keep 2 or more');
});

test.each([
  [{ maxBytes: 30_000 }, 1],
  [{ maxBytes: 30_000, keep: 3 }, 3],
])('a full disk, rotated by %j: no empty files, and what comes once there is room is kept', async (rotation, files) => {
  if (!mountSmallDisk(folder)) return console.warn('skipped: no tmpfs can be mounted here');
  try {
    const sink = rotating('a.pcap', rotation);
    sink.accept(messages[0]);
    await sink.flush();
    fillDisk(folder);
    for (const message of messages) {
      sink.accept(message);
      await sink.flush();
    }
    const during = names().filter((name) => name !== 'filler');
    expect(during.length).toBeLessThanOrEqual(files);
    emptyDisk(folder);
    const before = sink.counts().written;
    for (const message of messages) {
      sink.accept(message);
      await sink.flush();
    }
    await sink.close();
    const { delivered, written, lost } = sink.counts();
    expect([delivered, written - before, lost > 0, written + lost]).toEqual([401, 200, true, 401]);
    for (const name of names()) expect(records(readFileSync(join(folder, name)))).toBeGreaterThan(0);
  } finally {
    unmountDisk(folder);
  }
});
