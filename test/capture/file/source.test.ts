/** The source's contract: back-pressure, stop, and the report on unreadable files. */
import { mkdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { pcap } from '../../rigs/capture-files.js';
import { GATE, folder, open, payloads, put, read, timed } from './rig.js';

const place = folder();
const at = (name: string) => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

test('every unreadable file is reported with its reason, and the others are read', async () => {
  mkdirSync(at('folder'));
  const good = put(at('good'), timed('g', [5, 6]));
  const names = [
    at('missing'),
    at('folder'),
    put(at('empty'), Buffer.alloc(0)),
    put(at('short'), Buffer.from('ab')),
    put(at('text'), Buffer.from('not a capture')),
    put(at('cut'), timed('c', [1, 2]).subarray(0, 50)),
    put(at('header'), pcap().subarray(0, 20)),
    good,
    put(at('bare'), pcap()),
    put(
      at('corrupt'),
      pcap({
        records: [
          { seconds: 3, fraction: 0, bytes: Buffer.from('ok') },
          { seconds: 4, fraction: 0, bytes: Buffer.from('no'), claimed: 0xffff_ffff },
        ],
      }),
    ),
  ];
  const { seen, files } = await read(names, { digests: true });
  expect(seen).toEqual(['c0', 'ok', 'g0', 'g1']);
  const logged = Object.fromEntries(files.ends().map(({ name, packets, problem }) => [name.slice(place.length + 1), [packets, problem]]));
  expect(logged).toEqual({
    missing: [0, 'no such file'],
    folder: [0, 'is a folder without capture files'],
    empty: [0, 'capture file: is shorter than its fixed part, needs 24 bytes, 0 left (at byte 0)'],
    short: [0, 'capture file: is shorter than its fixed part, needs 24 bytes, 2 left (at byte 0)'],
    text: [0, 'capture file: does not start with a known magic number (at byte 0)'],
    cut: [1, 'pcap record 2 header: is cut off, needs 16 bytes, 8 left (at byte 42)'],
    header: [0, 'pcap file header: is shorter than its fixed part, needs 24 bytes, 20 left (at byte 0)'],
    good: [2, ''],
    bare: [0, ''],
    corrupt: [1, 'pcap record 2 of 4294967295 bytes: is corrupt (at byte 50)'],
  });
});

test('a file that disappears between check and read', async () => {
  const files = await open([put(at('gone'), timed('x', [1])), put(at('stays'), timed('y', [2]))]);
  unlinkSync(at('gone'));
  expect(await payloads(files)).toEqual(['y0']);
  expect(files.ends()).toMatchObject([{ problem: 'no such file' }, { problem: '' }]);
});

test('deliver returning false pauses the source until there is room', async () => {
  const files = await open([
    put(
      at('paused'),
      timed(
        'p',
        Array.from({ length: 100 }, (_, i) => i),
      ),
    ),
  ]);
  let count = 0;
  let pauses = 0;
  await files.start(() => ++count % 10 !== 0, {
    ready: () =>
      new Promise((resolve) => {
        const before = count;
        setTimeout(() => {
          expect(count).toBe(before);
          pauses++;
          resolve();
        }, 2);
      }),
  });
  expect([count, pauses]).toEqual([100, 10]);
});

test('an error of the gate is an error of the source', async () => {
  const files = await open([put(at('gate'), timed('p', [1, 2]))]);
  await expect(files.start(() => false, { ready: () => Promise.reject(new Error('no more')) })).rejects.toThrow('no more');
});

test('after stop nothing is delivered, also when stop is called from deliver or while the gate is closed', async () => {
  const name = put(
    at('stopped'),
    timed(
      'p',
      Array.from({ length: 1000 }, (_, i) => i),
    ),
  );
  const inside = await open([name], { digests: true });
  let count = 0;
  await inside.start(() => {
    if (++count === 7) void inside.stop();
    return true;
  }, GATE);
  expect(count).toBe(7);
  expect(inside.positionOf(0).frame).toBe(7);
  expect(inside.ends()).toMatchObject([{ packets: 7, problem: '' }]);

  const shut = await open([name]);
  let delivered = 0;
  const ended = shut.start(() => ++delivered < 3, { ready: () => new Promise(() => {}) });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await shut.stop();
  await ended;
  expect(delivered).toBe(3);

  const before = await open([name]);
  await before.stop();
  await before.start(() => ++delivered > 0, GATE);
  expect(delivered).toBe(3);
});

test('reading a file yields to other work', async () => {
  const files = await open([
    put(at('busy'), pcap({ records: Array.from({ length: 8000 }, (_, i) => ({ seconds: i, fraction: 0, bytes: Buffer.alloc(1000) })) })),
  ]);
  let turns = 0;
  let reading = true;
  const turn = () => {
    turns++;
    if (reading) setImmediate(turn);
  };
  setImmediate(turn);
  await files.start(() => true, GATE);
  reading = false;
  // Eight chunks of a mebibyte.
  expect(turns).toBeGreaterThanOrEqual(8);
});
