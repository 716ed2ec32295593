/** Several files are one stream in time order. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { pcap } from '../../rigs/capture-files.js';
import { GATE, NotedLog, folder, open, payloads, put, read, textOf, timed } from './rig.js';

const place = folder();
const at = (name: string) => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

test('records of all files are merged by time', async () => {
  const names = [put(at('a'), timed('a', [10, 20, 30, 40])), put(at('b'), timed('b', [5, 25, 35])), put(at('c'), timed('c', [21, 22, 50]))];
  const { seen, files } = await read(names);
  expect(seen).toEqual(['b0', 'a0', 'a1', 'c0', 'c1', 'b1', 'a2', 'b2', 'a3', 'c2']);
  expect(files.names).toEqual([at('b'), at('a'), at('c')]);
});

test('at equal times the file that comes first stays first', async () => {
  const names = [put(at('x'), timed('x', [1, 5, 5, 9])), put(at('y'), timed('y', [1, 5, 9])), put(at('z'), timed('z', [5, 5]))];
  expect((await read(names)).seen).toEqual(['x0', 'y0', 'x1', 'x2', 'y1', 'z0', 'z1', 'x3', 'y2']);
  // y begins earlier, but x still comes before z.
  expect((await read([names[2], names[1], names[0]])).seen).toEqual(['y0', 'x0', 'y1', 'x1', 'x2', 'z0', 'z1', 'y2', 'x3']);
});

test('within one file records keep their order, even where time goes back', async () => {
  const names = [put(at('p'), timed('p', [10, 30, 20, 40])), put(at('q'), timed('q', [15, 25, 35]))];
  expect((await read(names)).seen).toEqual(['p0', 'q0', 'q1', 'p1', 'p2', 'q2', 'p3']);
});

test('random files: merged as by a stable sort', async () => {
  let state = 7;
  const random = (below: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % below;
  const lists = Array.from({ length: 9 }, () => Array.from({ length: 40 }, () => 100 + random(90)).sort((a, b) => a - b));
  const names = lists.map((times, i) => put(at(`r${i}`), timed(`${i}.`, times)));
  const { seen, files } = await read(names);
  const order = files.names.map((name) => names.indexOf(name));
  const expected = order
    .flatMap((file, rank) => lists[file].map((time, i) => ({ time, rank, i, text: `${file}.${i}` })))
    .sort((a, b) => a.time - b.time || a.rank - b.rank || a.i - b.i)
    .map(({ text }) => text);
  expect(seen).toEqual(expected);
});

test('frames carry their file and their number in it', async () => {
  const names = [put(at('m'), timed('m', [1, 3])), put(at('n'), timed('n', [2, 4]))];
  const files = await open(names);
  const seen: [string, number, number][] = [];
  await files.start((frame) => seen.push([textOf(frame), frame.sourceIndex, frame.number]) > 0, GATE);
  expect(seen).toEqual([
    ['m0', 0, 1],
    ['n0', 1, 1],
    ['m1', 0, 2],
    ['n1', 1, 2],
  ]);
});

test('only a few files of a rotated set are open at a time', async () => {
  const names = Array.from({ length: 300 }, (_, i) => put(at(`rotated${i}`), timed(`${i}.`, [1000 + 10 * i, 1005 + 10 * i])));
  const before = descriptors();
  const files = await open(names.reverse());
  let most = 0;
  let count = 0;
  await files.start(() => {
    most = Math.max(most, descriptors());
    return ++count > 0;
  }, GATE);
  expect(count).toBe(600);
  expect(most - before).toBeLessThan(10);
  expect(descriptors()).toBeLessThanOrEqual(before + 1);
});

test('a file named twice, a copy, and the beginning of another file are read once', async () => {
  const whole = timed('w', [1, 2, 3]);
  const names = [
    put(at('whole'), whole),
    put(at('copy'), whole),
    put(at('begin'), whole.subarray(0, whole.length - 18)),
    put(at('cut'), whole.subarray(0, whole.length - 1)),
  ];
  const other = Buffer.from(whole);
  other[other.length - 1] ^= 1;
  for (const order of [names, [...names].reverse(), [names[2], names[0], names[3], names[1]]]) {
    const log = new NotedLog();
    const { seen, files } = await read([...order, place + '/./whole', put(at('other'), other)], { log });
    expect(seen.sort()).toEqual(['w0', 'w0', 'w1', 'w1', 'w2', 'w3']);
    expect(log.lines).toHaveLength(4);
    expect(log.lines.every((line) => /read once$/.test(line))).toBe(true);
    expect(files.names).toHaveLength(2);
  }
});

test('two files without records are not copies of each other', async () => {
  const log = new NotedLog();
  const { files } = await read([put(at('none1'), pcap()), put(at('none2'), pcap())], { log });
  expect([files.names.length, log.lines]).toEqual([2, []]);
});

test('payloads stay intact: no buffer is overwritten', async () => {
  const times = Array.from({ length: 3000 }, (_, i) => i);
  const name = put(at('long'), pcap({ records: times.map((seconds) => ({ seconds, fraction: 0, bytes: Buffer.alloc(1000, seconds) })) }));
  const kept: Buffer[] = [];
  await (await open([name])).start((frame) => kept.push(frame.bytes.subarray(frame.from, frame.to)) > 0, GATE);
  expect(kept.filter((bytes, i) => !bytes.equals(Buffer.alloc(1000, i)))).toEqual([]);
  expect(kept).toHaveLength(3000);
});

test('at the end of the input the progress reports completion', async () => {
  const names = [put(at('g1'), timed('g', [1])), put(at('g2'), timed('h', [2]))];
  const files = await open(names);
  expect(files.progress().bytesRead).toBe(0);
  await payloads(files);
  const { bytesRead, bytesTotal } = files.progress();
  expect([bytesRead, bytesTotal]).toEqual([2 * timed('g', [1]).length, 2 * timed('g', [1]).length]);
});

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
