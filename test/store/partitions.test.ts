/** Partitions by capture time: created when rows need them or in advance, and dropped as a whole. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ColumnValue } from '../../src/lib/base/index.js';
import { inventory, loadStore, partitionsAhead, retain, type StoreOptions } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, stream, tableRows } from '../rigs/rows.js';

const servers = databaseMakers().filter(({ kind }) => kind !== 'sqlite');
const now = Date.parse('2023-11-20T12:00:00Z') / 1000;
const clock = { now: () => now * 1e6, monotonic: () => 0 };

if (servers.length === 0) test.skip('SIPCAP_TEST_MYSQL or SIPCAP_TEST_POSTGRES names a server that has partitions', () => {});

/** Rows 0.. with these dates. */
function dated(...dates: string[]) {
  return tableRows(0, dates.length, Object.fromEntries(dates.map((date, i): [number, Record<string, ColumnValue>] => [i, { date }])));
}

for (const { kind, make } of servers)
  describe(kind, () => {
    let database: TestDatabase;
    let store: SqlStore;

    beforeEach(async () => {
      database = await make();
      store = await open({ partition: 'day' });
    });

    afterEach(async () => {
      await store.close();
      await database.drop();
    });

    const open = async (options: Partial<StoreOptions>) => loadStore(database.url, { clock, ...options });
    /** Name and rows of the partitions that hold any. */
    const filled = async () => {
      const [table] = await inventory(await store.connected(), { additional: [], count: true });
      return Object.fromEntries(
        table.partitions.filter(({ rows }) => rows > 0).map(({ name, rows }) => [name.replace('sip_capture_', ''), rows]),
      );
    };

    test('by day: each day gets its own partition, in any order of rows', async () => {
      expect(await store.write(batch(1, dated('2023-11-14 23:59:59', '2023-11-15 00:00:00', '2023-11-15 10:00:00')))).toMatchObject({
        outcome: 'stored',
        refused: [],
      });
      expect(await store.write(batch(2, dated('2023-11-10 12:00:00', '2023-11-16 00:00:00', '2023-11-14 00:00:00')))).toMatchObject({
        outcome: 'stored',
        refused: [],
      });
      expect(await filled()).toEqual({ p20231110: 1, p20231114: 2, p20231115: 2, p20231116: 1 });
      // Another program on the same table finds them.
      const second = await open({ partition: 'day' });
      expect(
        await second.write({ rows: [dated('2023-11-12 00:00:00', '2023-11-14 01:00:00')], streams: [stream(1, '', 'second')] }),
      ).toMatchObject({ outcome: 'stored' });
      await second.close();
      expect(await filled()).toEqual({ p20231110: 1, p20231112: 1, p20231114: 3, p20231115: 2, p20231116: 1 });
    });

    test('by hour, and for reports', async () => {
      await store.close();
      store = await open({ partition: 'hour' });
      await store.write(batch(1, dated('2023-11-14 23:59:59', '2023-11-15 00:00:00', '2023-11-15 00:59:59')));
      expect(await filled()).toEqual({ p2023111423: 1, p2023111500: 2 });
      await store.makeTable('rtcp_capture_homer6', 'reports');
      await store.write({
        rows: [{ table: 'reports', columns: ['tss', 'tsu', 'data'], values: ['2023-11-14 10:00:00', 1, Buffer.from('x')], count: 1 }],
        streams: [stream(2, '')],
      });
      const [reports] = await inventory(await store.connected(), { additional: [], count: true });
      expect(reports.partitions.map(({ name, rows }) => [name.replace('reports_', ''), rows])).toEqual([
        ['p2023111410', 1],
        [kind === 'mysql' ? 'pmax' : 'default', 0],
      ]);
    });

    test('live rows: only the last week and the next day get a partition; the rest is stored without', async () => {
      await store.close();
      store = await open({ partition: 'day', live: true });
      expect(
        await store.write(
          batch(
            1,
            dated('2023-11-20 11:00:00', '2023-11-13 13:00:00', '2023-11-21 10:00:00', '2030-01-01 00:00:00', '1999-01-01 00:00:00'),
          ),
        ),
      ).toMatchObject({ refused: [] });
      const partitions = await filled();
      expect(
        Object.keys(partitions)
          .filter((name) => /^p\d/.test(name))
          .sort(),
      ).toEqual(['p20231113', 'p20231120', 'p20231121']);
      expect(Object.values(partitions).reduce((sum, rows) => sum + rows, 0)).toBe(5);
      // Later that day comes: rows that stood elsewhere move into its partition.
      await store.close();
      store = await open({ partition: 'day' });
      await store.write(batch(2, dated('2030-01-01 10:00:00')));
      expect((await filled()).p20300101).toBe(2);
    });

    test('times beyond the range of the column are clamped and counted', async () => {
      expect(await store.write(batch(1, dated('1970-01-01 00:00:00', '9999-12-31 23:59:59')))).toMatchObject({
        outcome: 'stored',
        refused: [],
      });
      expect(store.adjusted.toJSON()).toEqual(kind === 'mysql' ? { clamped_date: 2 } : {});
    });

    test('created in advance, for all our tables', async () => {
      await store.makeTable('sip_capture', 'sip_capture');
      await store.makeTable('rtcp_capture', 'rtcp_capture', 'hour');
      await store.makeTable('sip_capture', 'plain', 'none');
      const session = await store.connected();
      await partitionsAhead(session, now, 86_400);
      await partitionsAhead(session, now, 86_400);
      const counts = (await inventory(session, { additional: [], count: false })).map(({ table, partitions }) => [
        table,
        partitions.filter(({ until }) => until !== Infinity).length,
      ]);
      expect(counts).toEqual([
        ['plain', 0],
        ['rtcp_capture', 25],
        ['sip_capture', 2],
      ]);
    });

    test('retention drops them whole, by age, by rows and by size', async () => {
      await store.write(
        batch(
          1,
          dated(
            '2023-11-10 12:00:00',
            '2023-11-14 00:00:00',
            '2023-11-15 00:00:00',
            '2023-11-16 00:00:00',
            '2023-11-17 01:00:00',
            '2023-11-20 11:00:00',
          ),
        ),
      );
      const session = await store.connected();
      const keep = { keepSeconds: Infinity, keepRows: Infinity, keepBytes: Infinity, additional: [], dryRun: false, nowSeconds: now };
      const dry = await retain(session, { ...keep, keepSeconds: 5 * 86_400, dryRun: true });
      expect(Object.values(await filled())).toHaveLength(6);
      const steps = await retain(session, { ...keep, keepSeconds: 5 * 86_400 });
      expect(steps.map(({ what, partition, rows }) => [what, partition.replace('sip_capture_', ''), rows])).toEqual([
        ['drop partition', 'p20231110', 1],
        ['drop partition', 'p20231114', 1],
      ]);
      expect(dry).toEqual(steps);
      await retain(session, { ...keep, keepRows: 3 });
      expect(await filled()).toEqual({ p20231116: 1, p20231117: 1, p20231120: 1 });
      await retain(session, { ...keep, keepBytes: 1 });
      expect(await filled()).toEqual({ p20231120: 1 });
      expect((await store.write(batch(2, dated('2023-11-10 12:00:00')))).outcome).toBe('stored');
    });
  });

test('SQLite has none, and the error suggests an alternative', async () => {
  const store = await loadStore('sqlite::memory:', { partition: 'day' });
  await expect(store.makeTable('sip_capture', 'sip_capture')).rejects.toThrow(
    'this database has no partitions: use dated tables instead (--table sip_capture_%Y%m%d)',
  );
  await store.close();
});
