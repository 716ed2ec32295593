/** The database is unavailable and the disk of its spool is full: writers wait, and nothing accepted is lost or stored twice. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyDisk, fillDisk, mountSmallDisk, unmountDisk } from '../../rigs/small-disk.js';
import { range, remove, temporaryDirectory } from '../spool/spool-rig.js';
import { batchOf, ModelProcess, untilTrue } from './batch-spool-rig.js';
import { ModelDatabase } from './model-database.js';

let directory: string;
let mounted = false;
beforeEach(() => {
  directory = temporaryDirectory();
  mounted = mountSmallDisk(directory);
});
afterEach(() => {
  if (mounted) unmountDisk(directory);
  remove(directory);
});

test('a full disk blocks writers until the database is available again', async () => {
  if (!mounted) return console.warn('skipped: no tmpfs can be mounted here');
  const database = new ModelDatabase();
  const model = await ModelProcess.start(database, directory, 'live:a', { segmentBytes: 128 * 1024 });
  database.away = true;
  const total = 400;
  let done = false;
  const writing = (async () => {
    for (const number of range(0, total)) await model.write(range(number * 1000, number * 1000 + 1000));
    done = true;
  })();
  await untilTrue('the disk is full', () => model.log.refusal === 'disk_full', 30);
  await sleep(600); // long enough for another attempt on the disk
  expect(done).toBe(false);
  expect(model.log.lost.total()).toBe(0);
  database.away = false;
  await writing;
  await untilTrue('all is stored', () => model.spool.state === 'direct', 30);
  expect(database.rows).toEqual(range(0, total * 1000));
  expect(model.counts).toEqual({ before: 0, taken: total * 1000, written: total * 1000, refused: 0, waiting: 0, lost: 0 });
  await model.close();
}, 120_000);

test('rows that a full disk refused are stored once the database is available, although the disk stays full', async () => {
  if (!mounted) return console.warn('skipped: no tmpfs can be mounted here');
  const database = new ModelDatabase();
  const model = await ModelProcess.start(database, directory, 'live:a', { segmentBytes: 16 * 1024 * 1024 });
  let total = 0;
  const writeSome = async (batches: number) => {
    for (let i = 0; i < batches; i++, total += 10) await model.write(range(total, total + 10));
  };
  const outage = async (batches: number) => {
    database.away = true;
    await writeSome(batches);
    await sleep(100); // the buffer is written, or refused
    database.away = false;
    await untilTrue('all is stored', () => model.spool.state === 'direct' && database.rows.length === total, 10);
  };
  await outage(20);
  fillDisk(directory);
  for (let i = 0; i < 3; i++) await outage(20);
  expect(model.log.refusal).toBe('disk_full');
  emptyDisk(directory);
  await sleep(600);
  await outage(20);
  expect(database.rows).toEqual(range(0, total));
  await model.close();
  expect(model.counts).toEqual({ before: 0, taken: total, written: total, refused: 0, waiting: 0, lost: 0 });
  expect(model.log.lost.total()).toBe(0);
}, 60_000);

test.each([0, 10])(
  'closed while the database is unavailable too: %i batches on the disk wait, the others are lost, and counted',
  async (written) => {
    if (!mounted) return console.warn('skipped: no tmpfs can be mounted here');
    const database = new ModelDatabase();
    const model = await ModelProcess.start(database, directory, 'live:a', { segmentBytes: 16 * 1024 * 1024 });
    let raw = 0;
    model.spool.start({
      type: 9,
      read: (record) => batchOf('live:raw', record[0], [-record[0]]),
      flush: () => false,
      rowsBefore: () => false,
    });
    let total = 0;
    const writeSome = async (batches: number) => {
      for (let i = 0; i < batches; i++, total += 10) await model.write(range(total, total + 10));
      if (model.spool.keepRaw(Buffer.from([++raw]), 3)) await sleep(100); // the buffer is written, or refused
    };
    database.away = true;
    await writeSome(1);
    database.away = false;
    await untilTrue('all is stored', () => model.spool.state === 'direct', 10);
    database.away = true;
    if (written > 0) await writeSome(written);
    fillDisk(directory);
    await writeSome(20);
    expect(model.log.refusal).toBe('disk_full');
    expect(model.spool.accounts.heldPackets).toBe(written > 0 ? 6 : 3);
    await model.close();
    const waiting = 10 * written;
    expect(model.counts).toEqual({ before: 0, taken: total, written: 11, refused: 0, waiting, lost: 200 });
    expect(model.spool.accounts.lost.toJSON()).toEqual({ disk_full: 200 });
    expect(model.dropped.toJSON()).toEqual({ disk_full: 3 });
    expect(model.spool.accounts.heldPackets).toBe(written > 0 ? 3 : 0);
    expect(model.spool.legacy).toMatchObject({ rows: waiting, packets: written > 0 ? 3 : 0 });
    emptyDisk(directory);
    database.away = false;
    const next = await ModelProcess.start(database, directory, 'live:b');
    await untilTrue('what waited is stored', () => next.spool.state === 'direct', 10);
    expect(database.rows.filter((row) => row >= 0)).toEqual(range(0, 10 + waiting));
    await next.close();
  },
  60_000,
);
