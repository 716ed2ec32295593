/** The position in a file, and how a stored position finds its file again. */
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
const marks = (frames: number) =>
  Array.from({ length: frames }, (_, i) => `${through(i + 1).toString(36)}:${digest(through(i + 1)).slice(0, 16)}`).join();

const large = pcap({ records: Array.from({ length: 4000 }, (_, i) => ({ seconds: i, fraction: 0, bytes: Buffer.alloc(1000, i) })) });

test('after every record the position has its number, its end offset, and the digests so far', async () => {
  for (const name of [put(at('plain'), bytes), put(at('packed.gz'), gzipSync(bytes))]) {
    const files = await open([name], { digests: true });
    expect(files.heads).toEqual([digest(through(1))]);
    let frame = 0;
    await files.start(() => {
      frame++;
      expect(files.positionOf(0)).toEqual({
        head: digest(through(1)),
        frame,
        bytes: through(frame),
        digest: digest(through(frame)),
        marks: marks(frame),
      });
      return true;
    }, GATE);
    expect(files.positionOf(0)).toMatchObject({ frame: 5, bytes: bytes.length, digest: digest(bytes.length) });
  }
});

test('taken rarely, across many chunks, the position is the same', async () => {
  const files = await open([put(at('large'), large)], { digests: true });
  let frame = 0;
  await files.start(() => {
    if (++frame % 999 === 0)
      expect(files.positionOf(0)).toEqual({
        head: digest(24 + 1016, large),
        frame,
        bytes: 24 + 1016 * frame,
        digest: digest(24 + 1016 * frame, large),
        marks: expect.any(String) as unknown as string,
      });
    return true;
  }, GATE);
  expect(files.positionOf(0).digest).toBe(digest(large.length, large));
});

test('with several files, a record read ahead is not counted', async () => {
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

test('the position of a truncated file is its last complete record', async () => {
  const { files } = await read([put(at('cut'), bytes.subarray(0, bytes.length - 1))], { digests: true });
  expect(files.positionOf(0)).toMatchObject({ frame: 4, bytes: through(4), digest: digest(through(4)) });
});

test('without digests the position has none', async () => {
  const { files } = await read([put(at('none'), bytes)]);
  expect(files.positionOf(0)).toEqual({ head: '', frame: 5, bytes: bytes.length, digest: '', marks: '' });
});

test('a stored position identifies the file by its digest, and no other', async () => {
  const files = await open([put(at('stored'), bytes), put(at('stored.gz'), gzipSync(timed('other', [1, 2])))]);
  const own = (frame: number) => ({ bytes: through(frame), digest: digest(through(frame)) });
  const wrong = (frame: number) => ({ bytes: through(frame), digest: digest(through(frame) - 1) });
  expect(await files.relations(0, [])).toEqual([]);
  expect(await files.relations(0, [own(2), wrong(4), own(5), own(3), wrong(5), own(5)])).toEqual([
    'same',
    'other',
    'same',
    'same',
    'other',
    'same',
  ]);
  // The same bytes, but the file is shorter than the position.
  expect(await files.relations(0, [{ bytes: bytes.length + 1, digest: digest(bytes.length) }])).toEqual(['other']);
  expect(await files.relations(1, [own(1)])).toEqual(['other']);
});

test('positions beyond one chunk are found too', async () => {
  const own = (length: number) => ({ bytes: length, digest: digest(length, large) });
  const files = await open([put(at('far'), large)]);
  expect(await files.relations(0, [own(1040), own(24 + 1016 * 3999), own(1024 * 1024)])).toEqual(['same', 'same', 'same']);
});

test('a prefix of a stored file is recognised by its digests, wherever it ends; an early difference is another file', async () => {
  const whole = await open([put(at('whole'), large)], { digests: true });
  await whole.start(() => true, GATE);
  const stored = whole.positionOf(0);
  expect(stored.marks.split(',').length).toBeLessThanOrEqual(256);
  expect(stored.marks.split(',').length).toBeGreaterThanOrEqual(127);
  const relation = async (content: Buffer) => (await (await open([put(at('part'), content)])).relations(0, [stored]))[0];
  expect(await relation(large)).toBe('same');
  expect(await relation(large.subarray(0, large.length - 1))).toBe('beginning');
  expect(await relation(large.subarray(0, 24 + 1016 * 2000))).toBe('beginning');
  const other = Buffer.from(large.subarray(0, 24 + 1016 * 2000));
  other[other.length / 2] ^= 1;
  expect(await relation(other)).toBe('other');
});
