/** Retention and inventory: what is too old or too much is deleted, oldest first, and never a table that is not ours. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inventory, loadStore, retain, type RetentionOptions } from '../../src/lib/store/index.js';
import type { Session } from '../../src/lib/store/sql/session.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, stream, tableRows } from '../rigs/rows.js';

const DAY = 86_400;
const now = Date.parse('2023-11-20T12:00:00Z') / 1000;

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  let store: SqlStore;
  let session: Session;
  let sequence: number;

  beforeEach(async () => {
    database = await make();
    store = await loadStore(database.url);
    session = await store.connected();
    sequence = 0;
  });

  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  /** `rows` rows on each of these days. */
  const fill = async (table: string, rows: number, ...days: string[]) => {
    for (const day of days) {
      const changes = Object.fromEntries(Array.from({ length: rows }, (_, i) => [i, { date: `${day} 12:00:00`, callid: `${day} ${i}` }]));
      expect(await store.write(batch(++sequence, tableRows(0, rows, changes, table)))).toMatchObject({ outcome: 'stored', refused: [] });
    }
  };
  const prune = (changes: Partial<RetentionOptions>) =>
    retain(session, {
      keepSeconds: Infinity,
      keepRows: Infinity,
      keepBytes: Infinity,
      additional: [],
      dryRun: false,
      nowSeconds: now,
      ...changes,
    });
  const days = async (table = 'sip_capture') =>
    (await database.query(`SELECT callid FROM ${table} ORDER BY callid`)).map(({ callid }) => String(callid).slice(5, 10));

  test('inventory: rows, times, sizes, ownership', async () => {
    await fill('sip_capture', 10, '2023-11-10', '2023-11-12');
    await database.query('CREATE TABLE theirs (callid VARCHAR(99), msg VARCHAR(99))');
    await store.makeTable('rtcp_capture', 'rtcp_capture');
    const tables = await inventory(session, { additional: ['theirs', 'sip_capture'], usual: ['nothing_here'], count: true });
    await expect(inventory(session, { additional: ['nothing_here'], count: true })).rejects.toThrow("there is no table 'nothing_here'");
    expect(
      tables.map(({ table, shape, ours, rows, exact, oldest, newest }) => ({ table, shape, ours, rows, exact, oldest, newest })),
    ).toEqual([
      { table: 'rtcp_capture', shape: 'rtcp_capture', ours: true, rows: 0, exact: true, oldest: '', newest: '' },
      {
        table: 'sip_capture',
        shape: 'sip_capture',
        ours: true,
        rows: 20,
        exact: true,
        oldest: '2023-11-10 12:00:00',
        newest: '2023-11-12 12:00:00',
      },
      { table: 'theirs', shape: 'sip_capture', ours: false, rows: 0, exact: true, oldest: '', newest: '' },
    ]);
    expect(tables[1].bytes).toBeGreaterThan(4000);
  });

  test('by age: rows of a plain table, a dated table as a whole', async () => {
    await fill('sip_capture', 3, '2023-11-01', '2023-11-05', '2023-11-06', '2023-11-20');
    await fill('sip_20231101', 2, '2023-11-01');
    await fill('sip_202311', 2, '2023-11-01', '2023-11-20');
    const dry = await prune({ keepSeconds: 14 * DAY, dryRun: true });
    expect(await days()).toHaveLength(12);
    const steps = await prune({ keepSeconds: 14 * DAY });
    expect(steps).toEqual(dry);
    expect(steps.map(({ what, table, rows }) => [what, table, rows]).sort()).toEqual([
      ['delete rows', 'sip_capture', 6],
      ['drop table', 'sip_20231101', 2],
    ]);
    expect([...new Set(await days())]).toEqual(['11-06', '11-20']);
    expect(await days('sip_202311')).toHaveLength(4);
    expect(await store.hasTable('sip_20231101')).toBe(false);
    expect(await prune({ keepSeconds: 14 * DAY })).toEqual([]);
    // Late rows recreate their table.
    await fill('sip_20231101', 1, '2023-11-01').catch(() => {});
    if (!(await store.hasTable('sip_20231101'))) await store.write(batch(sequence, tableRows(0, 1, {}, 'sip_20231101')));
    expect(await days('sip_20231101')).toHaveLength(1);
  });

  test('what is deleted by age does not count against the other limits', async () => {
    await fill('sip_capture', 20, '2023-11-01', '2023-11-19', '2023-11-20');
    const steps = await prune({ keepSeconds: 5 * DAY, keepRows: 40 });
    expect(steps).toEqual([{ what: 'delete rows', table: 'sip_capture', partition: '', rows: 20 }]);
    expect(await days()).toHaveLength(40);
  });

  test('by rows: the oldest are deleted, in several steps', async () => {
    await fill('sip_capture', 2500, '2023-11-03', '2023-11-01', '2023-11-02', '2023-11-04', '2023-11-05', '2023-11-06');
    expect(await prune({ keepRows: 2600 })).toEqual([{ what: 'delete rows', table: 'sip_capture', partition: '', rows: 12_400 }]);
    const left = await days();
    expect(left).toHaveLength(2600);
    expect(left.filter((day) => day === '11-06')).toHaveLength(2500);
    expect(left.filter((day) => day === '11-05')).toHaveLength(100);
  });

  test('by size: dated tables are dropped oldest first, the last one keeps what fits', async () => {
    await fill('sip_20231101', 500, '2023-11-01');
    await fill('sip_20231102', 500, '2023-11-02');
    await fill('sip_20231103', 500, '2023-11-03');
    const before = await inventory(session, { additional: [], count: true, refresh: true });
    const sizes = before.map(({ bytes }) => bytes);
    const steps = await prune({ keepBytes: sizes[1] + sizes[2] });
    expect(steps.map(({ what, table }) => [what, table])).toEqual([['drop table', 'sip_20231101']]);
    expect((await prune({ keepBytes: Math.round(sizes[2] / 2) })).map(({ what, table }) => [what, table])).toEqual([
      ['drop table', 'sip_20231102'],
      ['delete rows', 'sip_20231103'],
    ]);
    expect((await days('sip_20231103')).length).toBeGreaterThan(150);
    expect((await days('sip_20231103')).length).toBeLessThan(350);
  });

  test('a foreign table loses rows if requested, and is never dropped', async () => {
    await database.query('CREATE TABLE sip_20200101 (date VARCHAR(30), callid VARCHAR(99))');
    await fill('sip_20200101', 2, '2023-11-01', '2023-11-20');
    expect(await prune({ keepSeconds: DAY })).toEqual([]);
    expect(await prune({ keepSeconds: DAY, additional: ['sip_20200101'] })).toEqual([
      { what: 'delete rows', table: 'sip_20200101', partition: '', rows: 2 },
    ]);
    expect(await days('sip_20200101')).toEqual(['11-20', '11-20']);
    expect((await prune({ keepRows: 0, additional: ['sip_20200101'] })).map(({ what }) => what)).toEqual(['delete rows']);
    expect(await store.hasTable('sip_20200101')).toBe(true);
  });

  test('a table that cannot be pruned is reported; the others are pruned, and lose no more in its place', async () => {
    await fill('sip_capture', 20, '2023-11-01', '2023-11-20');
    await fill('broken', 20, '2023-11-01', '2023-11-20');
    await database.query(
      {
        sqlite: "CREATE TRIGGER t BEFORE DELETE ON broken BEGIN SELECT json_extract('{', '$'); END",
        mysql:
          "CREATE TRIGGER t BEFORE DELETE ON broken FOR EACH ROW SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1194, MESSAGE_TEXT = 'crashed'",
        postgresql: `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'crashed' USING ERRCODE = 'XX001'; END $$;
                     CREATE TRIGGER t BEFORE DELETE ON broken FOR EACH ROW EXECUTE FUNCTION f()`,
      }[kind],
    );
    const failed: string[] = [];
    const onFailed = (table: string) => void failed.push(table);
    await prune({ keepSeconds: 5 * DAY, onFailed });
    expect([failed, (await days()).length, (await days('broken')).length]).toEqual([['broken'], 20, 40]);
    // Thirty rows too many, of which the older table has to give the most.
    await prune({ keepRows: 30, onFailed });
    expect([failed, (await days()).length, (await days('broken')).length]).toEqual([['broken', 'broken'], 20, 40]);
    await expect(prune({ keepRows: 30 })).rejects.toThrow();
  });

  test('positions of imports stay, those of long-dead writers are deleted', async () => {
    for (const name of ['live:a', 'live:b', 'file:x']) await store.write({ rows: [], streams: [stream(1, '', name)] });
    await database.query("UPDATE sipcap_position SET updated = '2020-01-01 00:00:00' WHERE stream <> 'live:b'");
    await prune({});
    expect((await store.streams('')).map((one) => one.stream)).toEqual(['file:x', 'live:b']);
  });
});
