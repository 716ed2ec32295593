/** Tables altered, dropped or recreated while rows arrive: what fits is stored, losses are counted. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '../../src/lib/base/index.js';
import { LiveStream } from '../../src/lib/pipeline/output/live-stream.js';
import { BatchingSink } from '../../src/lib/sink/batch/batching-sink.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, stream, tableRows } from '../rigs/rows.js';
import { expectEach, numberedMessage, numberedRows } from './numbered.js';

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  let store: SqlStore;
  let logged: string[];
  let milliseconds: number;

  beforeEach(async () => {
    logged = [];
    milliseconds = 0;
    database = await make();
    store = await loadStore(database.url, {
      log: { ...silentLog, warn: (text) => logged.push(text) },
      clock: { now: () => 1_700_000_000e6, monotonic: () => milliseconds },
    });
    await database.query(
      `CREATE TABLE sip_capture (callid VARCHAR(99), method VARCHAR(99), msg ${{ sqlite: 'BLOB', mysql: 'BLOB', postgresql: 'BYTEA' }[kind]})`,
    );
    expect(await store.write(batch(1, tableRows(0, 5)))).toMatchObject({ outcome: 'stored', refused: [] });
  });

  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  const stored = { outcome: 'stored', refused: [] };

  test('an added column is filled after the next check, a dropped one is detected at once', async () => {
    await database.query('ALTER TABLE sip_capture ADD reason VARCHAR(99)');
    expect(await store.write(batch(2, tableRows(5, 6)))).toMatchObject(stored);
    milliseconds += 61_000;
    expect(await store.write(batch(3, tableRows(6, 7)))).toMatchObject(stored);
    const [row] = await database.query("SELECT reason FROM sip_capture WHERE callid = 'call-6@127.0.0.1'");
    expect(row.reason).toBe('reason 6');
    expect(logged).toEqual([]);
    await database.query('ALTER TABLE sip_capture DROP COLUMN method');
    expect(await store.write(batch(4, tableRows(7, 10)))).toMatchObject(stored);
    expect(logged).toEqual([expect.stringContaining('table sip_capture has no column method: rows are stored without')]);
    expect(store.adjusted.toJSON()).toEqual({ not_stored_method: 3 });
  });

  test('message column renamed: rows are stored without it, logged and counted', async () => {
    await database.query('ALTER TABLE sip_capture RENAME COLUMN msg TO body');
    expect(await store.write(batch(2, tableRows(5, 8)))).toMatchObject(stored);
    expect(logged).toEqual([expect.stringContaining('has no column msg')]);
    expect(store.adjusted.toJSON()).toEqual({ not_stored_msg: 3 });
  });

  test('a table without a column for the message from the start is counted too', async () => {
    await database.query('CREATE TABLE bare (callid VARCHAR(99))');
    expect(await store.write(batch(2, tableRows(0, 4, {}, 'bare')))).toMatchObject(stored);
    expect(store.adjusted.toJSON()).toEqual({ not_stored_msg: 4 });
    expect(logged).toEqual([expect.stringContaining('table bare has no column msg')]);
  });

  if (kind !== 'sqlite')
    test('a column made narrower: the same batch is truncated to it, no row is refused', async () => {
      await database.query(`ALTER TABLE sip_capture ${kind === 'mysql' ? 'MODIFY callid VARCHAR(17)' : 'ALTER callid TYPE VARCHAR(17)'}`);
      expect(await store.write(batch(2, tableRows(100, 103)))).toMatchObject(stored);
      expect(store.adjusted.toJSON()).toEqual({ cut_callid: 3 });
    });

  test('dropped position tables are recreated, with the row of the batch', async () => {
    await database.query('DROP TABLE sipcap_position');
    const outcome = await store.write({ rows: [tableRows(5, 6)], streams: [stream(1, '', 'live:new')] });
    expect(outcome).toMatchObject(stored);
    expect(await store.streams('')).toEqual([{ stream: 'live:new', sequence: 1, position: '' }]);
  });

  test('a position row restored from a backup, or missing: a live source continues in a new stream', async () => {
    const live = new LiveStream();
    const sink = new BatchingSink({
      name: 'database',
      driver: store,
      rows: numberedRows,
      log: { ...silentLog, warn: (text) => logged.push(text) },
      batchRows: 5,
      batchBytes: 1e9,
      ageMs: 5,
      maxRows: 1000,
      giveUpMs: Infinity,
      positions: () => live.positions(),
      renewStreams: (states) => live.renew(states),
      sequences: new Map(),
      onRefused: () => {},
    });
    const more = async (from: number, to: number) => {
      for (let number = from; number < to; number++) sink.accept(numberedMessage(number));
      await sink.flush();
    };
    await more(5, 20);
    await database.query("UPDATE sipcap_position SET sequence = 1 WHERE stream LIKE 'live:%'");
    await more(20, 35);
    await database.query("DELETE FROM sipcap_position WHERE stream LIKE 'live:%'");
    await more(35, 50);
    expect([sink.failure, sink.counts()]).toEqual(['', expect.objectContaining({ delivered: 45, written: 45, lost: 0 })]);
    expectEach(
      (await database.query('SELECT callid FROM sip_capture')).map(({ callid }) => callid),
      50,
    );
    expect(logged.filter((text) => text.includes('continuing with a new stream'))).toHaveLength(2);
  });

  if (kind === 'mysql')
    test('the database dropped and recreated: all tables are recreated automatically', async () => {
      const name = new URL(database.url).pathname.slice(1);
      await database.query(`DROP DATABASE ${name}; CREATE DATABASE ${name}; USE ${name}`);
      const rows = { rows: [tableRows(0, 3)], streams: [stream(1, '', 'live:new')] };
      expect(await store.write(rows)).toMatchObject(stored);
      expect((await database.query('SELECT count(*) AS n FROM sip_capture'))[0].n).toBe(3);
    });
});
