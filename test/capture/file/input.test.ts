/** Standard input and named pipes: what is written is delivered at once, and nothing is waited for after `stop`. */
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createGzip, constants } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import type { CaptureFiles } from '../../../src/lib/capture/file/index.js';
import { zstdFrame } from './make-packed.js';
import { GATE, folder, open, put, read, textOf, timed } from './rig.js';

const place = folder();
const at = (name: string) => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

const bytes = timed('s', [1, 2, 3, 4]);
const RECORD = 18;

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

function follow(files: CaptureFiles): { seen: string[]; ended: Promise<void> } {
  const seen: string[] = [];
  return { seen, ended: files.start((frame) => seen.push(textOf(frame)) > 0, GATE) };
}

test('records are delivered while the input is still being written, however it is split', async () => {
  const stdin = new PassThrough();
  const files = await open(['-'], { stdin, digests: true });
  const { seen, ended } = follow(files);
  for (let length = 1; length <= bytes.length; length++) {
    stdin.write(bytes.subarray(length - 1, length));
    const whole = Math.floor((length - 24) / RECORD);
    if (whole > 0 && (length - 24) % RECORD === 0) await until(() => seen.length === whole);
    else expect(seen.length).toBe(Math.max(0, whole));
  }
  stdin.end();
  await ended;
  expect(seen).toEqual(['s0', 's1', 's2', 's3']);
  expect(files.ends()).toEqual([{ name: '-', packets: 4, bytes: bytes.length, problem: '' }]);
  expect([files.heads, files.positionOf(0).digest, files.progress()]).toEqual([[''], '', { bytesRead: bytes.length, bytesTotal: 0 }]);
});

test('also when the input is compressed', async () => {
  const stdin = new PassThrough();
  const { seen, ended } = follow(await open(['-'], { stdin }));
  const gzip = createGzip();
  gzip.pipe(stdin);
  for (let i = 0; i < 4; i++) {
    gzip.write(bytes.subarray(i === 0 ? 0 : 24 + i * RECORD, 24 + (i + 1) * RECORD));
    gzip.flush(constants.Z_SYNC_FLUSH);
    await until(() => seen.length === i + 1);
  }
  gzip.end();
  await ended;
  const second = new PassThrough();
  const zstd = follow(await open(['-'], { stdin: second }));
  second.write(zstdFrame(bytes.subarray(0, 60)));
  await until(() => zstd.seen.length === 2);
  second.end(zstdFrame(bytes.subarray(60)));
  await zstd.ended;
  expect(zstd.seen).toEqual(seen);
});

test('truncated, empty and non-capture input is reported', async () => {
  const problem = async (input: Buffer) => {
    const stdin = new PassThrough();
    stdin.end(input);
    return (await read(['-'], { stdin })).files.ends()[0].problem;
  };
  expect(await problem(Buffer.alloc(0))).toBe('capture file: is shorter than its fixed part, needs 24 bytes, 0 left (at byte 0)');
  expect(await problem(bytes.subarray(0, 30))).toBe(
    'pcap record header 1: is cut off'.replace('header 1', '1 header') + ', needs 16 bytes, 6 left (at byte 24)',
  );
  expect(await problem(Buffer.from('hello'))).toBe('capture file: does not start with a known magic number (at byte 0)');
  expect(await problem(Buffer.from('HEP3\0\x06'))).toBe(
    "capture file: is a stream of HEP packets: 'sipcap hep relay --from FILE --to TARGET' sends it to a listener (at byte 0)",
  );
});

test('an input error is reported, and the other files are read', async () => {
  const stdin = new PassThrough();
  const files = await open(['-', put(at('beside'), timed('f', [9]))], { stdin });
  const { seen, ended } = follow(files);
  stdin.write(bytes.subarray(0, 24 + RECORD));
  await until(() => seen.length === 1);
  setTimeout(() => stdin.destroy(new Error('the cable is out')), 20);
  await ended;
  expect(seen).toEqual(['s0', 'f0']);
  expect(files.ends()).toMatchObject([
    { packets: 1, problem: 'cannot be read: the cable is out' },
    { packets: 1, problem: '' },
  ]);
});

test('input and files are one stream', async () => {
  const stdin = new PassThrough();
  stdin.end(timed('i', [2, 4]));
  expect((await read([put(at('file'), timed('f', [1, 3, 5])), '-'], { stdin })).seen).toEqual(['f0', 'i0', 'f1', 'i1', 'f2']);
});

test('a slow source applies backpressure to the writer', async () => {
  const stdin = new PassThrough();
  const large = timed(
    'l',
    Array.from({ length: 50_000 }, (_, i) => i),
  );
  let written = 0;
  const feed = () => {
    while (written < large.length) {
      const more = stdin.write(large.subarray(written, written + 4096));
      written = Math.min(large.length, written + 4096);
      if (!more) return void stdin.once('drain', feed);
    }
    stdin.end();
  };
  feed();
  let count = 0;
  let release: () => void = () => {};
  const closed = new Promise<void>((resolve) => (release = resolve));
  const files = await open(['-'], { stdin });
  const ended = files.start(() => ++count !== 10, { ready: () => closed });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(count).toBe(10);
  expect(written).toBeLessThan(large.length / 2);
  release();
  await ended;
  expect(count).toBe(50_000);
});

test('stop ends the wait for input, and is not reported as an input error', async () => {
  const stdin = new PassThrough();
  const files = await open(['-'], { stdin });
  const { seen, ended } = follow(files);
  stdin.write(bytes.subarray(0, 24 + RECORD + 3));
  await until(() => seen.length === 1);
  await files.stop();
  await ended;
  stdin.end(bytes);
  expect(seen).toEqual(['s0']);
  expect(files.ends()).toMatchObject([{ packets: 1, problem: '' }]);
});

test('stop before the first byte', async () => {
  const files = await open(['-']);
  const { ended } = follow(files);
  await files.stop();
  await ended;
  expect(files.ends()).toMatchObject([{ packets: 0, problem: '' }]);
});

test('a named pipe is read while it is being written', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const files = await open([at('pipe')], { digests: true });
  const { seen, ended } = follow(files);
  const writer = createWriteStream(at('pipe'));
  writer.write(bytes.subarray(0, 50));
  await until(() => seen.length === 1);
  writer.end(bytes.subarray(50));
  await ended;
  expect(seen).toHaveLength(4);
  expect([files.heads, files.ends()[0].problem]).toEqual([[''], '']);
});

test('stop ends the wait for a pipe without a writer, or with an idle one', async () => {
  execFileSync('mkfifo', [at('alone'), at('silent')]);
  const alone = await open([at('alone')]);
  const first = follow(alone);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await alone.stop();
  await first.ended;
  const silent = await open([at('silent')]);
  const second = follow(silent);
  const writer = createWriteStream(at('silent'), { fd: openSync(at('silent'), 'r+') });
  writer.write(bytes.subarray(0, 24 + RECORD));
  await until(() => second.seen.length === 1);
  await silent.stop();
  await second.ended;
  writer.destroy();
  expect(silent.ends()).toMatchObject([{ packets: 1, problem: '' }]);
});

test('the standard input of a process, from a pipe and from a file', async () => {
  const path = put(at('redirected'), bytes);
  const inChild = async (command: string) => {
    const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { seen, files } = await read(['-'], { stdin: child.stdout });
    return [seen.length, files.ends()[0].problem];
  };
  expect(await inChild(`cat ${path}`)).toEqual([4, '']);
  expect(await inChild(`head -c 50 ${path}; sleep 0.2; tail -c +51 ${path}`)).toEqual([4, '']);
});
