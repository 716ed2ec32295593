/** Rows as MySQL and MariaDB receive them: by the bulk protocol or prepared statements, with the values that the client's own encoding gives. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mysql from 'mysql2/promise';
import type { ColumnValue, TableRows } from '../../src/lib/base/index.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { MysqlProxy, type MysqlProxyOptions } from '../rigs/mysql-proxy.js';
import { batch, tableRows } from '../rigs/rows.js';

const makers = databaseMakers().filter(({ kind }) => kind === 'mysql');
if (makers.length === 0) test.skip('SIPCAP_TEST_MYSQL names a server', () => {});

/** Type of each column, and values that fit it. */
const COLUMNS: [string, ColumnValue[]][] = [
  ['TINYINT', [-128, 127, null, '7']],
  ['TINYINT UNSIGNED', [0, 255, -0]],
  ['SMALLINT', [-32_768, 32_767]],
  ['MEDIUMINT UNSIGNED', [0, 16_777_215]],
  ['INT', [-2_147_483_648, 2_147_483_647, 1.5, '-9', null]],
  ['INT UNSIGNED', [0, 4_294_967_295]],
  ['BIGINT', [-9_007_199_254_740_991, 9_007_199_254_740_991, 1_700_000_000_123_456, -1, '9223372036854775807']],
  ['BIGINT UNSIGNED', [0, 9_007_199_254_740_991, 1e18, '18446744073709551615']],
  ['DOUBLE', [0.1, -1e300, 7, '2.5', null]],
  ['FLOAT', [0.5, -3]],
  ['DECIMAL(20,3)', ['12345678901234567.125', 1.5, -2]],
  [
    'VARCHAR(300) CHARACTER SET utf8mb4',
    ['', 'a', 'é', '\u{1D11E}', 'x'.repeat(100), 'x'.repeat(101), 'é'.repeat(83), 'é'.repeat(84), 'x'.repeat(250), null],
  ],
  ['VARCHAR(300) CHARACTER SET latin1', ['é', 'x'.repeat(300), '']],
  ['MEDIUMTEXT CHARACTER SET utf8mb4', ['é'.repeat(21_845), '€'.repeat(21_845), 'x'.repeat(65_535), 'x'.repeat(70_000)]],
  ['MEDIUMBLOB', [250, 251, 65_535, 65_536, 0].map((length) => Buffer.alloc(length, 0xf1))],
  ['VARBINARY(20)', [Buffer.from([0, 0xff, 0x27]), null]],
  ['DATETIME(6)', ['2023-11-14 22:13:20.123456', '2023-11-14 22:13:20', null]],
  ['TIMESTAMP NULL', ['2023-11-14 22:13:20', '1970-01-01 00:00:01']],
  ["ENUM('a','b')", ['b', 1]],
  ['INET6', ['::1', '::ffff:127.0.0.1', null]],
  ['UUID', ['123e4567-e89b-12d3-a456-426655440000']],
  ['JSON', ['{"a": "é"}']],
];
const names = COLUMNS.map((_column, i) => `c${i}`);
const ROWS = Math.max(...COLUMNS.map(([, values]) => values.length)) * 3;
const rowOf = (row: number) => COLUMNS.map(([, values]) => values[row % values.length]);

describe.each<[string, MysqlProxyOptions, 'bulk' | 'execute']>([
  ['bulk protocol', {}, 'bulk'],
  ['prepared statements', { hidesBulk: true }, 'execute'],
])('%s', (_title, options, command) => {
  if (makers.length === 0) return;
  let database: TestDatabase;
  let proxy: MysqlProxy;
  let store: SqlStore;

  beforeEach(async () => {
    database = await makers[0].make();
    proxy = await MysqlProxy.open(database.url, options);
    store = await loadStore(proxy.through(database.url));
  });

  afterEach(async () => {
    await store.close();
    await proxy.close();
    await database.drop();
  });

  test('values of each type arrive as the client itself would send them', async () => {
    const columns = COLUMNS.map(([type], i) => `c${i} ${type}`).join(', ');
    for (const table of ['ours', 'reference'])
      await database.query(`CREATE TABLE ${table} (id INT AUTO_INCREMENT PRIMARY KEY, ${columns})`);
    const rows: TableRows = { table: 'ours', columns: names, values: [], count: ROWS };
    const client = await mysql.createConnection({ uri: database.url, timezone: 'Z', charset: 'utf8mb4' });
    await client.query("SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES'");
    const insert = `INSERT INTO reference (${names.join()}) VALUES (${names.map(() => '?').join()})`;
    for (let row = 0; row < ROWS; row++) {
      rows.values.push(...rowOf(row));
      await client.execute(insert, rowOf(row));
    }
    await client.end();
    expect(await store.write(batch(1, rows))).toEqual({ outcome: 'stored', refused: [] });
    expect(store.adjusted.toJSON()).toEqual({});
    const read = (table: string) =>
      database.query(`SELECT ${names.map((name) => `HEX(${name}) AS ${name}`).join()} FROM ${table} ORDER BY id`);
    expect(await read('ours')).toEqual(await read('reference'));
  });

  test('a batch takes one statement for many rows', async () => {
    await store.makeTable('sip_capture', 'sip_capture');
    const before = proxy.times('execute');
    await store.write(batch(1, tableRows(0, 1000)));
    expect(proxy.times('bulk')).toBe(command === 'bulk' ? 1 : 0);
    // Of the ten with 100 rows each.
    if (command === 'bulk') expect(proxy.times('execute') - before).toBeLessThan(10);
    else expect(proxy.times('execute') - before).toBeGreaterThanOrEqual(10);
    expect((await database.query('SELECT count(*) AS n FROM sip_capture'))[0].n).toBe(1000);
  });

  test.each(['MyISAM', 'Aria', 'MEMORY'])('a table without transactions (%s) has no row twice because of a bad one', async (engine) => {
    await database.query(`CREATE TABLE ours (n INT, v VARCHAR(9) NOT NULL) ENGINE=${engine}`);
    const values = [...Array(300).keys()].flatMap((n) => [n, n === 250 ? null : 'a']);
    expect(await store.write(batch(1, { table: 'ours', columns: ['n', 'v'], values, count: 300 }))).toMatchObject({ outcome: 'stored' });
    expect((await database.query('SELECT count(*) AS n, count(DISTINCT n) AS numbers FROM ours'))[0]).toEqual({ n: 300, numbers: 300 });
  });

  test('values that were adjusted are counted once, though the batch was sent in parts because of a bad row', async () => {
    await database.query(
      "CREATE TABLE sip_capture (callid VARCHAR(40), method VARCHAR(5) CHECK (method <> 'BAD'), source_port TINYINT UNSIGNED)",
    );
    const changes = { 3: { method: 'LONGER' }, 150: { method: 'BAD' } };
    const rows = tableRows(
      0,
      200,
      Object.fromEntries(
        [...Array(200).keys()].map((n) => [n, { method: 'M', source_port: 300, ...(changes as Record<number, object>)[n] }]),
      ),
    );
    expect(await store.write(batch(1, rows))).toMatchObject({ outcome: 'stored', refused: [{ row: 150 }] });
    expect(store.adjusted.toJSON()).toMatchObject({ clamped_source_port: 199, cut_method: 1 });
    expect((await database.query('SELECT count(*) AS n, min(source_port) AS port FROM sip_capture'))[0]).toEqual({ n: 199, port: 255 });
  });
});

describe('a proxy that agrees to the bulk protocol and refuses its command', () => {
  if (makers.length === 0) return;
  test.each([
    ['unknown command', 1047],
    ['not in prepared statements', 1295],
    ['not with statement-based replication', 4033],
  ])('%s: rows go as prepared statements from then on', async (_title, refusesBulk) => {
    const database = await makers[0].make();
    const proxy = await MysqlProxy.open(database.url, { refusesBulk });
    const store = await loadStore(proxy.through(database.url));
    try {
      expect(await store.write(batch(1, tableRows(0, 300)))).toEqual({ outcome: 'stored', refused: [] });
      expect(await store.write(batch(2, tableRows(300, 310)))).toEqual({ outcome: 'stored', refused: [] });
      expect(proxy.times('bulk')).toBe(1);
      expect((await database.query('SELECT count(*) AS n FROM sip_capture'))[0].n).toBe(310);
    } finally {
      await store.close();
      await proxy.close();
      await database.drop();
    }
  });
});

describe('prepared statements that are kept', () => {
  if (makers.length === 0) return;
  test('of many tables those of the oldest are closed, and prepared again when needed', async () => {
    const database = await makers[0].make();
    const proxy = await MysqlProxy.open(database.url);
    const store = await loadStore(proxy.through(database.url));
    try {
      await database.query([...Array(70).keys()].map((i) => `CREATE TABLE t${i} (micro_ts BIGINT)`).join(';'));
      const parts = [...Array(70).keys(), 0, 1].map((i) => ({ table: `t${i}`, columns: ['micro_ts'], values: [i], count: 1 }));
      for (const sequence of [1, 2]) expect(await store.write(batch(sequence, ...parts))).toEqual({ outcome: 'stored', refused: [] });
      const counts = await database.query('SELECT (SELECT count(*) FROM t0) AS first, (SELECT count(*) FROM t69) AS last');
      expect(counts[0]).toEqual({ first: 4, last: 2 });
      expect(proxy.times('close')).toBeGreaterThan(0);
    } finally {
      await store.close();
      await proxy.close();
      await database.drop();
    }
  });
});
