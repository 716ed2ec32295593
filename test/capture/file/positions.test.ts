/** Where a file stands, and how a stored position finds its file again. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { pcap } from '../../rigs/capture-files.js';
import { GATE, folder, open, put, read, timed } from './rig.js';

const place = folder();
const at = (name: string) => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

const RECORD = 18;
const bytes = timed('s', [1, 2, 3, 4, 5]);
const digest = (length: number, of = bytes) => createHash('sha256').update(of.subarray(0, length)).digest('hex');
const through = (frame: number) => 24 + frame * RECORD;

test('after every record the position is its number, its end, and the digests up to it', async () => {
  for (const name of [put(at('plain'), bytes), put(at('packed.gz'), gzipSync(bytes))]) {
    const files = await open([name], { digests: true });
    expect(files.heads).toEqual([digest(through(1))]);
    let frame = 0;
    await files.start(() => {
      frame++;
      expect(files.positionOf(0)).toEqual({ head: digest(through(1)), frame, bytes: through(frame), digest: digest(through(frame)) });
      return true;
    }, GATE);
    expect(files.positionOf(0)).toMatchObject({ frame: 5, bytes: bytes.length, digest: digest(bytes.length) });
  }
});

test('asked rarely, across many chunks, it is the same', async () => {
  const large = pcap({ records: Array.from({ length: 4000 }, (_, i) => ({ seconds: i, fraction: 0, bytes: Buffer.alloc(1000, i) })) });
  const files = await open([put(at('large'), large)], { digests: true });
  let frame = 0;
  await files.start(() => {
    if (++frame % 999 === 0)
      expect(files.positionOf(0)).toEqual({
        head: digest(24 + 1016, large),
        frame,
        bytes: 24 + 1016 * frame,
        digest: digest(24 + 1016 * frame, large),
      });
    return true;
  }, GATE);
  expect(files.positionOf(0).digest).toBe(digest(large.length, large));
});

test('among several files, a record that was read ahead is not counted', async () => {
  const files = await open([put(at('m'), timed('m', [1, 4])), put(at('n'), timed('n', [2, 3, 9]))], { digests: true });
  const seen: number[][] = [];
  await files.start(() => seen.push([files.positionOf(0).frame, files.positionOf(1).frame]) > 0, GATE);
  expect(seen).toEqual([
    [1, 0],
    [1, 1],
    [1, 2],
    [2, 2],
    [2, 3],
  ]);
});

test('a cut file stands at its last whole record', async () => {
  const { files } = await read([put(at('cut'), bytes.subarray(0, bytes.length - 1))], { digests: true });
  expect(files.positionOf(0)).toMatchObject({ frame: 4, bytes: through(4), digest: digest(through(4)) });
});

test('without digests a position has none', async () => {
  const { files } = await read([put(at('none'), bytes)]);
  expect(files.positionOf(0)).toEqual({ head: '', frame: 5, bytes: bytes.length, digest: '' });
});

test('of stored positions the farthest that agrees is this file', async () => {
  const files = await open([put(at('stored'), bytes), put(at('stored.gz'), gzipSync(timed('other', [1, 2])))]);
  const own = (frame: number) => ({ bytes: through(frame), digest: digest(through(frame)) });
  const wrong = (frame: number) => ({ bytes: through(frame), digest: digest(through(frame) - 1) });
  expect(await files.matching(0, [])).toBe(-1);
  expect(await files.matching(0, [own(1)])).toBe(0);
  expect(await files.matching(0, [own(2), own(4), own(3)])).toBe(1);
  expect(await files.matching(0, [own(2), wrong(4), own(3), wrong(5)])).toBe(2);
  expect(await files.matching(0, [wrong(2), wrong(5)])).toBe(-1);
  // The same bytes, but the file is shorter than the position.
  expect(await files.matching(0, [{ bytes: bytes.length + 1, digest: digest(bytes.length) }])).toBe(-1);
  expect(await files.matching(0, [own(5), own(5)])).toBeGreaterThanOrEqual(0);
  expect(await files.matching(1, [own(1)])).toBe(-1);
});

test('positions beyond one chunk are found as well', async () => {
  const large = pcap({ records: Array.from({ length: 4000 }, (_, i) => ({ seconds: i, fraction: 0, bytes: Buffer.alloc(1000, i) })) });
  const files = await open([put(at('far'), large)]);
  const own = (length: number) => ({ bytes: length, digest: digest(length, large) });
  expect(await files.matching(0, [own(1040), own(24 + 1016 * 3999), own(1024 * 1024), own(24 + 1016 * 2000)])).toBe(1);
});
