/** The batch spool, case by case: states, late replies, evictions while writing, invalid records, closing by a deadline. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { Counters, silentLog, type ColumnValue, type Message, type StoreDriver } from '../../../src/lib/base/index.js';
import { BatchingSink } from '../../../src/lib/sink/batch/batching-sink.js';
import { BatchSpool, RECORD_ROWS, SpooledSink, type RawRecords } from '../../../src/lib/sink/batch-spool/index.js';
import { BacklogLog } from '../../../src/lib/sink/batch-spool/backlog-log.js';
import { batchBytes, BatchReader } from '../../../src/lib/sink/batch-spool/batch-record.js';
import { message } from '../batch/batching-rig.js';
import { openSpool, range, remove, temporaryDirectory } from '../spool/spool-rig.js';
import { ModelProcess, batchOf, untilTrue } from './batch-spool-rig.js';
import { ModelDatabase, ModelStore } from './model-database.js';

let directory: string;
let database: ModelDatabase;
const processes: ModelProcess[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
  database = new ModelDatabase();
});
afterEach(async () => {
  database.answer();
  for (const each of processes.splice(0)) await each.bury();
  remove(directory);
});

async function start(options = {}, log = silentLog): Promise<ModelProcess> {
  const made = await ModelProcess.start(database, directory, 'live:a', options, log);
  processes.push(made);
  return made;
}

describe('states', () => {
  test('direct, settling, replaying, direct; each transition logged once', async () => {
    const logged: string[] = [];
    const log = { ...silentLog, warn: (text: string) => logged.push(text), info: (text: string) => logged.push(text) };
    const { spool, ...running } = await start({}, log);
    const model = processes[0];
    await model.write([1]);
    expect(spool.state).toBe('direct');
    database.away = true;
    await model.write([2]);
    expect([spool.state, spool.busy]).toEqual(['settling', true]);
    await untilTrue('it replays', () => spool.state === 'replaying');
    await model.write([3]);
    database.away = false;
    await untilTrue('it is done', () => spool.state === 'direct');
    expect(database.rows).toEqual([1, 2, 3]);
    await model.write([4]);
    expect(running.log.unread).toBe(0);
    expect(logged).toEqual([
      'database unavailable (away); spooling rows',
      expect.stringMatching(/^database available again after \d+ attempts$/),
      'the spool is empty; writing to the database directly again',
    ]);
  });

  test('a database that is merely slow fills and empties the spool without a word', async () => {
    const logged: string[] = [];
    const say = (text: string) => logged.push(text);
    const { spool, ...model } = await start({}, { ...silentLog, warn: say, info: say });
    for (const number of range(1, 5)) {
      database.fates = ['late'];
      await processes[0].write([number]);
      expect(spool.state).toBe('settling');
      database.answer();
      await untilTrue('it is done', () => spool.state === 'direct');
    }
    expect([database.rows, model.log.unread, logged]).toEqual([range(1, 5), 0, []]);
  });

  test('one that stays behind is named once, and so is the end of it', () => {
    const logged: string[] = [];
    const say = (text: string) => logged.push(text);
    let now = 0;
    const log = new BacklogLog({ ...silentLog, warn: say, info: say }, { now: () => 0, monotonic: () => now });
    for (let spell = 0; spell < 3; spell++) {
      log.begin(0);
      for (const end = now + 25_000; now < end; now += 100) log.progress(7);
      log.end(false);
    }
    log.begin(0);
    log.progress(7);
    log.end(false);
    expect(logged).toEqual(
      Array.from({ length: 3 }, () => [
        'the database is behind: 7 batches wait in the spool',
        'the spool is empty; writing to the database directly again',
      ]).flat(),
    );
  });

  test('settling: nothing is replayed while a direct write is in flight', async () => {
    const model = await start();
    database.fates = ['late'];
    await model.write([1]);
    await model.write([2]);
    expect([model.spool.state, database.held, model.spool.waiting]).toEqual(['settling', 1, 2]);
    database.answer();
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(database.rows).toEqual([1, 2]);
  });

  test('yielding: rows in memory go before raw records, and raw records before newer ones', async () => {
    const model = await start();
    let rowsInMemory = true;
    let collected = 1;
    const raw: RawRecords = {
      type: 9,
      read: (record) => batchOf('live:raw', record[0], [1000 + record[0]]),
      flush: () => (collected-- > 0 ? model.spool.keepRaw(Buffer.from([2]), 1) : false),
      rowsBefore: () => rowsInMemory,
    };
    model.spool.start(raw);
    expect(model.spool.keepRaw(Buffer.from([1]), 1)).toBe(true);
    expect([model.spool.state, model.spool.accounts.heldPackets]).toEqual(['yielding', 1]);
    await model.write([1]);
    expect(database.rows).toEqual([1]);
    rowsInMemory = false;
    await untilTrue('it settles', () => model.spool.state !== 'yielding');
    await model.write([2]);
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(database.rows.slice(0, 2)).toEqual([1, 1001]);
    expect([...database.rows].sort((a, b) => a - b)).toEqual([1, 2, 1001, 1002]);
    expect([model.spool.accounts.unpacked, model.spool.accounts.heldPackets]).toEqual([2, 0]);
  });

  test('stopped: batches are spooled and stay in the spool', async () => {
    const model = await start();
    database.away = true;
    await model.write([1]);
    await model.spool.drain();
    expect(model.spool.state).toBe('stopped');
    await model.write([2]);
    expect([model.spool.backlog, model.spool.waiting]).toEqual([2, 2]);
  });
});

test('closed while the database is unavailable: raw records and rows in memory are spooled', async () => {
  const model = await start();
  let collected = 1;
  model.spool.start({
    type: 9,
    read: (record) => batchOf('live:raw', record[0], [1000 + record[0]]),
    flush: () => (collected-- > 0 ? model.spool.keepRaw(Buffer.from([1]), 1) : false),
    rowsBefore: () => false,
  });
  database.away = true;
  await model.write([1]);
  await model.spool.close(5000);
  expect({ waiting: model.spool.waiting, raw: model.spool.accounts.heldPackets, batches: model.spool.backlog }).toEqual({
    waiting: 1,
    raw: 1,
    batches: 2,
  });
});

describe('late replies', () => {
  test('a row refused in a batch that exceeded the write timeout is quarantined and counted as refused', async () => {
    const model = await start();
    database.refuses = 2;
    database.fates = ['late'];
    await model.write([1, 2, 3, 4]);
    // Before COMMIT, whenever the answer comes.
    expect(model.quarantined).toEqual([2, 4]);
    database.answer();
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(model.quarantined).toEqual([2, 4]);
    expect(model.counts).toEqual({ before: 0, taken: 4, written: 2, refused: 2, waiting: 0, lost: 0 });
  });

  test('also when the reply to its COMMIT was lost', async () => {
    const model = await start();
    database.refuses = 2;
    database.fates = ['lost'];
    await model.write([1, 2, 3, 4]);
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(model.quarantined).toEqual([2, 4]);
    expect(model.counts).toEqual({ before: 0, taken: 4, written: 2, refused: 2, waiting: 0, lost: 0 });
  });

  test('a batch evicted from the spool while being written is not lost', async () => {
    const model = await start({ segmentBytes: 600, maxBytes: 2000 });
    database.fates = ['late'];
    await model.write([1, 2, 3]);
    for (const number of range(4, 40)) await model.write([number]);
    model.spool.noteLost();
    const evicted = model.counts.lost;
    expect(evicted).toBeGreaterThan(20);
    database.answer();
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(database.rows.slice(0, 3)).toEqual([1, 2, 3]);
    expect(model.counts).toEqual({
      before: 0,
      taken: 39,
      written: database.rows.length,
      refused: 0,
      waiting: 0,
      lost: 39 - database.rows.length,
    });
    expect(model.counts.lost).toBe(evicted);
  });

  test('a batch whose spool write failed is not lost: it is still in memory', async () => {
    const model = await start({ segmentBytes: 600, maxBytes: 2000 });
    database.away = true;
    for (const number of range(1, 40)) await model.write([number]);
    await untilTrue('it replays', () => model.spool.state === 'replaying');
    database.away = false;
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(database.rows[0]).toBe(1);
    expect(model.counts.lost).toBe(39 - database.rows.length);
  });

  test('a driver exception is logged with its location, and the batch is retried', async () => {
    const errors: string[] = [];
    const model = await start({}, { ...silentLog, error: (text: string) => errors.push(text) });
    const write = model.store.write.bind(model.store);
    let calls = 0;
    model.store.write = async (batch) => {
      await untilTrue('the patience is over', () => model.spool.waiting > 0 || calls > 0);
      if (calls++ === 0) throw new TypeError('oops');
      return write(batch);
    };
    await model.write([1]);
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(errors[0]).toMatch(/writing to the database failed: TypeError: oops\n.*batch-spool\.test/);
    expect([database.rows, model.counts.written]).toEqual([[1], 1]);
  });
});

describe('batches read back from disk', () => {
  const good = {
    version: 1,
    streams: [{ stream: 'live:a', sequence: 1, position: '' }],
    rows: [{ table: 't', columns: ['a', 'b'], count: 1, values: [1, Buffer.from('x')] }],
  };
  const [stream] = good.streams;
  const [table] = good.rows;

  test('a batch round-trips, with its columns in the same array', () => {
    const reader = new BatchReader();
    const batch = {
      streams: good.streams,
      rows: [{ ...table, table: 'scheme.sip_capture_20261125', values: [null, 'text', 1.5, Buffer.from([0])], count: 2 }],
    };
    const read = reader.read(batchBytes(batch))!;
    expect(read).toEqual(batch);
    expect(reader.read(batchBytes(batch))!.rows[0].columns).toBe(read.rows[0].columns);
  });

  test.each<[string, unknown]>([
    ['no object', 7],
    ['another version', { ...good, version: 2 }],
    ['no streams', { ...good, streams: [] }],
    ['a stream with a quote', { ...good, streams: [{ ...stream, stream: "x' OR 1" }] }],
    ['a sequence of 0', { ...good, streams: [{ ...stream, sequence: 0 }] }],
    ['a position that is no text', { ...good, streams: [{ ...stream, position: {} }] }],
    ['rows that are no list', { ...good, rows: { length: 1 } }],
    ['SQL for a table', { ...good, rows: [{ ...table, table: 't`; DROP TABLE x; --' }] }],
    ['SQL for a column', { ...good, rows: [{ ...table, columns: ['a', 'b) VALUES (1); --'] }] }],
    ['no columns', { ...good, rows: [{ ...table, columns: [], values: [] }] }],
    ['too few values', { ...good, rows: [{ ...table, count: 2 }] }],
    ['a count that is no number', { ...good, rows: [{ ...table, count: '1' }] }],
    ['an object for a value', { ...good, rows: [{ ...table, values: [1, { toString: null }] }] }],
    ['NaN for a value', { ...good, rows: [{ ...table, values: [1, NaN] }] }],
  ])('%s is refused', (_name, content) => {
    expect(new BatchReader().read(serialize(good))).not.toBeNull();
    expect(new BatchReader().read(serialize(content))).toBeNull();
  });

  test('unreadable records are counted as lost, the rest is stored, and the segment is set aside', async () => {
    const log = await openSpool(directory);
    log.append(batchBytes(batchOf('live:b', 1, [1])), RECORD_ROWS);
    log.append(serialize({ ...good, rows: [{ ...table, table: 'a;b' }] }), RECORD_ROWS);
    log.append(Buffer.from('not serialized at all'), RECORD_ROWS);
    log.append(Buffer.from('of a later version'), 200);
    log.append(batchBytes(batchOf('live:b', 2, [2])), RECORD_ROWS);
    await log.close();
    const model = await start();
    await untilTrue('it is done', () => model.spool.state === 'direct');
    expect(database.rows).toEqual([1, 2]);
    expect(model.spool.accounts.lost.toJSON()).toEqual({ spool_record_unknown: 3 });
    await model.close();
    processes.length = 0;
    expect(readdirSync(directory).filter((name) => name.includes('.spool'))).toEqual(['0000000000000001.spool.damaged']);
  });
});

describe('closing with a server that never responds', () => {
  const idle = {
    name: 'database',
    rows: { table: () => 't', columns: () => ['number'], push: () => {} },
    log: silentLog,
    batchRows: 10,
    batchBytes: 1000,
    ageMs: 5,
    maxRows: 100,
    giveUpMs: Infinity,
    positions: () => [],
    sequences: new Map<string, number>(),
    onRefused: () => {},
  };

  /** A sink whose batches may be in flight for an hour before they are spooled. */
  async function patient() {
    const store = new ModelStore(database);
    const spool = new BatchSpool({
      spool: await openSpool(directory),
      store,
      log: silentLog,
      dropped: new Counters(),
      patienceMs: 3_600_000,
      onRefused: () => {},
    });
    spool.start(null);
    let number = 0;
    const rows = {
      table: () => 't',
      columns: () => ['number'],
      push: (_: Message, into: ColumnValue[], at: number) => void (into[at] = ++number),
    };
    const positions = () => [{ stream: 'live:a', position: '' }];
    const direct = new BatchingSink({ ...idle, rows, positions, driver: spool.behind(store) });
    const sink = new SpooledSink(direct, spool);
    database.fates = ['late'];
    sink.accept(message(7));
    void sink.flush();
    await untilTrue('one is in flight', () => database.held === 1);
    return { sink, spool, store };
  }

  test('a batch in flight is spooled at once, and those behind it, however long the patience', async () => {
    const { sink, store } = await patient();
    sink.accept(message(7));
    await sink.close(400);
    expect(sink.counts()).toMatchObject({ delivered: 2, written: 0, waiting: 2, lost: 0 });
    // It was stored after all: the next process learns that from the database.
    store.kill();
    database.answer();
    const next = await start();
    await untilTrue('it is done', () => next.spool.state === 'direct');
    expect(database.rows).toEqual([1, 2]);
  });

  test('also without time left', async () => {
    const { sink, store } = await patient();
    for (let more = 0; more < 25; more++) sink.accept(message(7));
    await sink.close(0);
    expect(sink.counts()).toMatchObject({ delivered: 26, written: 0, waiting: 26, lost: 0 });
    store.kill();
    database.answer();
    const next = await start();
    await untilTrue('it is done', () => next.spool.state === 'direct');
    expect(database.rows).toEqual(range(1, 27));
  });

  test('what the server answers after the end changes neither the counts nor the spool, which has its next owner', async () => {
    const earlier = await openSpool(directory);
    earlier.append(batchBytes(batchOf('live:a', 1, [1])), RECORD_ROWS);
    await earlier.close();
    database.fates = ['late'];
    const model = await start();
    await untilTrue('it is being stored', () => database.held === 1);
    await model.spool.close(10);
    await model.spool.end(10);
    const [counts, legacy] = [model.counts, model.spool.legacy];
    const next = await start();
    database.answer();
    await untilTrue('it is done', () => next.spool.state === 'direct');
    expect([model.counts, model.spool.legacy]).toEqual([counts, legacy]);
    expect(counts).toMatchObject({ written: 0, waiting: 1, lost: 0 });
    expect([next.counts.written, database.rows]).toEqual([1, [1]]);
  });

  test('while it runs: before the memory is full, batches go to the spool', async () => {
    const { sink, store } = await patient();
    for (let more = 0; more < 1000; more++) {
      sink.accept(message(7));
      if (more % 20 === 0) await new Promise((done) => setImmediate(done));
    }
    expect(sink.counts()).toMatchObject({ delivered: 1001, lost: 0 });
    await sink.close(0);
    expect(sink.counts()).toMatchObject({ delivered: 1001, waiting: 1001, lost: 0 });
    store.kill();
    database.answer();
    const next = await start();
    await untilTrue('it is done', () => next.spool.state === 'direct');
    expect(database.rows).toEqual(range(1, 1002));
  });

  test('ends by the deadline; batches in flight are in the spool', async () => {
    const model = await start();
    database.fates = ['late'];
    await model.write([1]);
    await model.write([2]);
    const driver: StoreDriver = {
      open: async () => {},
      write: (batch) => model.store.write(batch),
      close: () => new Promise<void>(() => {}),
    };
    const sink = new SpooledSink(new BatchingSink({ ...idle, driver }), model.spool);
    const began = process.hrtime.bigint();
    await sink.close(600);
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(3000);
    expect(model.counts).toMatchObject({ taken: 2, waiting: 2, lost: 0 });
    // The next process finds both, and the database knows the first.
    model.store.kill();
    database.answer();
    const next = await start();
    await untilTrue('it is done', () => next.spool.state === 'direct');
    expect(database.rows).toEqual([1, 2]);
  });
});

test('the files of the spool are removed while the database is away: rows and packets are lost, by that reason, and later rows are stored', async () => {
  const model = await start();
  model.spool.start({ type: 9, read: () => batchOf('live:raw', 1, [0]), flush: () => false, rowsBefore: () => false });
  database.away = true;
  for (const number of range(1, 11)) await model.write([number]);
  model.spool.keepRaw(Buffer.from([1]), 3);
  await model.log.flush();
  for (const name of readdirSync(model.directory)) if (name.endsWith('.spool')) unlinkSync(join(model.directory, name));
  await new Promise((done) => setTimeout(done, 1300)); // looked at every second
  // The one in hand is in memory.
  expect(model.counts).toEqual({ before: 0, taken: 10, written: 0, refused: 0, waiting: 1, lost: 9 });
  expect([model.spool.accounts.lost.toJSON(), model.dropped.toJSON()]).toEqual([{ spool_missing: 9 }, { spool_missing: 3 }]);
  await model.write([11]);
  database.away = false;
  await untilTrue('it is done', () => model.spool.state === 'direct');
  expect(database.rows).toEqual([1, 11]);
  expect(model.counts).toEqual({ before: 0, taken: 11, written: 2, refused: 0, waiting: 0, lost: 9 });
  await model.close();
});
