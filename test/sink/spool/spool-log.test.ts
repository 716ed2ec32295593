/** The durable log: order, acknowledgement, bounds, damage, restarts. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../src/lib/base/index.js';
import { findSpools, inspectSpool } from '../../../src/lib/sink/spool/index.js';
import { TestClock, appendTexts, openSpool, range, readTexts, remove, segmentFiles, temporaryDirectory } from './spool-rig.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

describe('order and acknowledgement', () => {
  test('records are read in order, also while more are appended', async () => {
    const spool = await openSpool(directory);
    appendTexts(spool, 0, 100);
    expect(spool.unread).toBe(100);
    expect(readTexts(spool)).toEqual(range(0, 100));
    expect(spool.unread).toBe(0);
    appendTexts(spool, 100, 150);
    expect(readTexts(spool)).toEqual(range(100, 150));
    await spool.close();
  });

  test('unacknowledged records are delivered again after a restart, others are not', async () => {
    const first = await openSpool(directory, { segmentBytes: 1024 });
    appendTexts(first, 0, 100);
    for (let i = 0; i < 40; i++) first.acknowledge(first.read()!.number);
    await first.close();
    const second = await openSpool(directory, { segmentBytes: 1024 });
    expect(second.recovered).toBe(60);
    appendTexts(second, 100, 110);
    const seen = readTexts(second);
    expect(seen).toEqual(range(40, 110));
    expect(second.lost.total()).toBe(0);
    await second.close();
  });

  test('a rewind restores records that were read and not acknowledged', async () => {
    const spool = await openSpool(directory, { segmentBytes: 1024 });
    appendTexts(spool, 0, 50);
    for (let i = 0; i < 30; i++) spool.read();
    spool.acknowledge(10);
    spool.rewind();
    expect(spool.unread).toBe(40);
    expect(readTexts(spool)).toEqual(range(10, 50));
    await spool.close();
  });

  test('acknowledged segments are deleted, and all of them on close when nothing is left', async () => {
    const spool = await openSpool(directory, { segmentBytes: 1024 });
    appendTexts(spool, 0, 100);
    await spool.flush();
    expect(segmentFiles(directory).length).toBeGreaterThan(3);
    spool.acknowledge(100);
    await spool.close();
    expect(readdirSync(directory).sort()).toEqual(['acknowledged', 'lock']);
    const again = await openSpool(directory);
    expect([again.recovered, again.status().nextRecord]).toEqual([0, 101]);
    await again.close();
  });

  test('records larger than the buffer and the segment are supported', async () => {
    const spool = await openSpool(directory, { segmentBytes: 4096 });
    const large = Buffer.alloc(1_000_000, 0x41);
    spool.append(Buffer.from('before'));
    spool.append(large);
    spool.append(Buffer.from('after'));
    expect(spool.read()!.payload.toString()).toBe('before');
    expect(spool.read()!.payload.equals(large)).toBe(true);
    expect(spool.read()!.payload.toString()).toBe('after');
    await spool.close();
  });

  test('records of appendRead are not read until a rewind', async () => {
    const spool = await openSpool(directory);
    expect(spool.appendRead(Buffer.from('record 0'))).toBe(1);
    appendTexts(spool, 1, 3);
    expect(readTexts(spool)).toEqual([1, 2]);
    spool.rewind();
    expect(readTexts(spool)).toEqual([0, 1, 2]);
    await spool.close();
  });
});

describe('limits', () => {
  test('the oldest are evicted beyond the size limit, and counted', async () => {
    const spool = await openSpool(directory, { maxBytes: 40_000, segmentBytes: 4096 });
    appendTexts(spool, 0, 2000);
    await spool.flush();
    const lost = spool.lost.get('spool_size');
    expect(lost).toBeGreaterThan(500);
    expect(spool.status().backlogBytes).toBeLessThanOrEqual(40_000);
    expect(readTexts(spool)).toEqual(range(lost, 2000));
    await spool.close();
  });

  test('evicted while being delivered: records already read are not counted as lost', async () => {
    const spool = await openSpool(directory, { maxBytes: 20_000, segmentBytes: 4096 });
    appendTexts(spool, 0, 100);
    for (let i = 0; i < 50; i++) spool.read();
    appendTexts(spool, 100, 1000);
    const lost = spool.lost.get('spool_size');
    expect(50 + lost + spool.unread).toBe(1000);
    // the connection died: what was being delivered and is no longer there is lost now
    spool.rewind();
    const again = readTexts(spool);
    expect(again.length + spool.lost.total()).toBe(1000);
    await spool.close();
  });

  test('whole segments expire by age, by the monotonic clock', async () => {
    const clock = new TestClock();
    const spool = await openSpool(directory, { clock, maxAgeSeconds: 60, segmentBytes: 65_536 });
    appendTexts(spool, 0, 10);
    await spool.flush();
    clock.nowMicros += 365 * 86_400 * 1e6; // the wall clock steps: nothing happens
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(spool.unread).toBe(10);
    clock.sinceMs += 30_000;
    appendTexts(spool, 10, 20); // a new segment begins: the old one is half the bound old
    await spool.flush();
    clock.sinceMs += 31_000;
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(spool.lost.toJSON()).toEqual({ spool_age: 10 });
    expect(readTexts(spool)).toEqual(range(10, 20));
    await spool.close();
  });
});

describe('sharing', () => {
  test('a second owner is refused with the process named, and accepted afterwards', async () => {
    const spool = await openSpool(directory);
    await expect(openSpool(directory)).rejects.toThrow(`in use by process ${process.pid}`);
    expect(inspectSpool(directory).ownerPid).toBe(process.pid);
    await spool.close();
    await (await openSpool(directory)).close();
  });

  test('the lock file of a dead process is ignored, whatever its content', async () => {
    for (const text of ['999999999 12345\n', `${process.ppid} somewhere\n`, '', 'rubbish']) {
      writeFileSync(join(directory, 'lock'), text);
      await (await openSpool(directory)).close();
    }
  });

  test('spools are found below a root', async () => {
    for (const name of ['b', 'a']) await (await openSpool(join(directory, name))).close();
    expect(findSpools(directory)).toEqual([]); // made, never used
    for (const name of ['b', 'a']) {
      const spool = await openSpool(join(directory, name));
      appendTexts(spool, 0, 1);
      await spool.close();
    }
    expect(findSpools(directory)).toEqual([join(directory, 'a'), join(directory, 'b')]);
    expect(findSpools(join(directory, 'a'))).toEqual([join(directory, 'a')]);
    writeFileSync(join(directory, 'lock'), 'of another program');
    expect(findSpools(directory)).toEqual([join(directory, 'a'), join(directory, 'b')]);
  });
});

test('inspection reports the backlog, its age and its place', async () => {
  const clock = new TestClock();
  const spool = await openSpool(directory, { clock });
  appendTexts(spool, 0, 3);
  clock.nowMicros += 5_000_000;
  appendTexts(spool, 3, 5);
  spool.acknowledge(spool.read()!.number);
  await spool.close();
  const report = inspectSpool(directory);
  expect(report).toMatchObject({
    backlogRecords: 4,
    backlogBytes: 4 * 9,
    oldestAt: 1_700_000_000_000_000,
    newestAt: 1_700_000_005_000_000,
    segments: 1,
    goodRecords: 5,
    damages: [],
    ownerPid: 0,
  });
  expect(report.next).toEqual({ file: segmentFiles(directory)[0], atByte: 44 + 41, record: 2 });
});

test('the counters reconcile through any sequence of operations and restarts', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('read' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('acknowledge' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('rewind' as const), count: fc.constant(0) }),
    fc.record({ do: fc.constant('restart' as const), count: fc.constant(0) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const place = temporaryDirectory();
      let spool = await openSpool(place, { segmentBytes: 600 });
      let made = 0;
      let acknowledged = 0;
      let under: number[] = [];
      for (const { do: what, count } of steps) {
        if (what === 'append') appendTexts(spool, made, (made += count));
        if (what === 'read')
          for (let i = 0; i < count; i++) {
            const record = spool.read();
            if (record === null) break;
            expect(record.payload.toString()).toBe(`record ${acknowledged + under.length} `);
            under.push(record.number);
          }
        if (what === 'acknowledge' && under.length > 0) {
          const done = under.slice(0, count);
          spool.acknowledge(done[done.length - 1]);
          acknowledged += done.length;
          under = under.slice(count);
        }
        if (what === 'rewind') {
          spool.rewind();
          under = [];
        }
        if (what === 'restart') {
          await spool.close();
          spool = await openSpool(place, { segmentBytes: 600 });
          under = [];
          expect(spool.recovered).toBe(made - acknowledged);
        }
        expect(spool.unread).toBe(made - acknowledged - under.length);
      }
      expect(spool.lost.total()).toBe(0);
      await spool.close();
      remove(place);
    }),
    { seed: 3, numRuns: 40 },
  );
});

describe('segments that somebody else removes', () => {
  const removeSegments = (which: (at: number) => boolean = () => true) => {
    for (const [at, name] of segmentFiles(directory).entries()) if (which(at)) unlinkSync(name);
  };
  const seconds = () => new Promise((done) => setTimeout(done, 1300));

  test('are logged once; their records are counted when the reading comes to them, and later ones are delivered', async () => {
    const warnings: string[] = [];
    const spool = await openSpool(directory, { log: { ...silentLog, warn: (text) => void warnings.push(text) }, segmentBytes: 2000 });
    appendTexts(spool, 1, 101);
    await spool.flush();
    removeSegments();
    await seconds();
    await seconds();
    expect(warnings.length).toBeGreaterThan(1);
    const words = /^spool \S+: \S+\.spool was removed by somebody else: what was not read of it is lost$/;
    expect([warnings.every((text) => words.test(text)), new Set(warnings).size]).toEqual([true, warnings.length]);
    expect(spool.status().backlogBytes).toBe(0);
    appendTexts(spool, 101, 111);
    expect(readTexts(spool)).toEqual(range(101, 111));
    expect([spool.lost.toJSON(), spool.lossOf(50), spool.lossOf(101)]).toEqual([{ spool_missing: 100 }, 'spool_missing', '']);
    spool.acknowledge(110);
    await spool.close();
    const next = await openSpool(directory);
    expect([next.recovered, next.lost.total(), readTexts(next)]).toEqual([0, 0, []]);
    await next.close();
  });

  test('the one being read is read to its end', async () => {
    const spool = await openSpool(directory);
    appendTexts(spool, 1, 21);
    expect(spool.read()!.number).toBe(1);
    appendTexts(spool, 21, 31);
    removeSegments();
    await seconds();
    appendTexts(spool, 31, 41);
    expect([readTexts(spool), spool.lost.total()]).toEqual([range(2, 41), 0]);
    spool.acknowledge(40);
    await spool.close();
  });

  test('packets in flight that are confirmed are not lost', async () => {
    const spool = await openSpool(directory, { segmentBytes: 2000 });
    appendTexts(spool, 1, 101);
    expect(readTexts(spool)).toEqual(range(1, 101));
    removeSegments();
    await seconds();
    spool.acknowledge(100);
    await spool.close();
    expect(spool.lost.total()).toBe(0);
  });

  test.each([0, 3])('all of them before the end, %i records read: counted at close', async (read) => {
    const spool = await openSpool(directory);
    appendTexts(spool, 1, 21);
    await spool.flush();
    for (let number = 0; number < read; number++) spool.read();
    if (read > 0) spool.acknowledge(1);
    removeSegments();
    await spool.close();
    expect(spool.lost.toJSON()).toEqual({ spool_missing: read > 0 ? 19 : 20 });
    const next = await openSpool(directory);
    expect([next.unread, next.lost.total()]).toEqual([0, 0]);
    await next.close();
  });

  test.each([
    ['the first', (at: number) => at === 0],
    ['one in the middle', (at: number) => at === 1],
    ['the last', (at: number) => at > 1],
  ])('%s, without anything delivered: each record is delivered or lost, over three owners', async (_, which) => {
    const spool = await openSpool(directory, { segmentBytes: 2000 });
    appendTexts(spool, 1, 101);
    await spool.flush();
    removeSegments(which);
    await spool.close();
    const second = await openSpool(directory);
    const read = readTexts(second);
    await second.close();
    const third = await openSpool(directory);
    expect(readTexts(third)).toEqual(read);
    third.acknowledge(third.nextRecord - 1);
    await third.close();
    const inFirst = spool.lost.total();
    expect([second.lost.total(), third.lost.total()]).toEqual([100 - read.length - inFirst, 100 - read.length - inFirst]);
    const last = await openSpool(directory);
    expect([last.unread, last.lost.total()]).toEqual([0, 0]);
    await last.close();
  });

  test('a damaged one that is to be evicted: nothing is set aside, and nothing fails', async () => {
    const first = await openSpool(directory, { segmentBytes: 2000 });
    appendTexts(first, 1, 101);
    await first.close();
    const [path] = segmentFiles(directory);
    const bytes = readFileSync(path);
    bytes.fill(0, 200, 220);
    writeFileSync(path, bytes);
    const clock = new TestClock();
    const spool = await openSpool(directory, { clock, maxAgeSeconds: 10 });
    expect(spool.read()!.number).toBe(1);
    expect(readTexts(spool).length).toBeGreaterThan(10);
    spool.rewind();
    unlinkSync(path);
    clock.sinceMs += 20_000;
    await seconds();
    expect([spool.unread, readdirSync(directory).filter((name) => name.includes('damaged'))]).toEqual([0, []]);
    await spool.close();
  });
});
