/** The guarantees of every driver, tested on each available database. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { moveOverGap } from '../../src/lib/sink/batch-spool/stream-gap.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, makersWithoutBulk, SERVERS_ARE_MISSING, type TestDatabase } from '../rigs/databases.js';
import { batch, COLUMNS, rowValues, stream, tableRows } from '../rigs/rows.js';

(SERVERS_ARE_MISSING ? test.skip : test)(
  'SIPCAP_TEST_MYSQL and SIPCAP_TEST_POSTGRES name servers (without them only SQLite is tested)',
  () => {
    expect(databaseMakers().map(({ kind }) => kind)).toEqual(['sqlite', 'mysql', 'postgresql']);
  },
);

const databases = [
  ...databaseMakers().map((maker) => ({ title: maker.kind, ...maker })),
  ...makersWithoutBulk().map((maker) => ({ title: 'mysql without its bulk protocol', ...maker })),
];

describe.each(databases)('$title', ({ kind, make }) => {
  let database: TestDatabase;
  let store: SqlStore;

  beforeEach(async () => {
    database = await make();
    store = await loadStore(database.url);
  });

  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  const count = async (table = 'sip_capture') => Number((await database.query(`SELECT count(*) AS n FROM ${table}`))[0].n);
  const callIds = async () => (await database.query('SELECT callid FROM sip_capture ORDER BY id')).map(({ callid }) => callid);

  test('tables: each format with its columns, created once, registered as ours; a second time changes nothing', async () => {
    await store.makeTable('sip_capture', 'sip_capture');
    await store.makeTable('rtcp_capture', 'rtcp_capture');
    await store.makeTable('rtcp_capture_homer6', 'homer6_capture');
    const session = await store.connected();
    const look = async () => [
      await session.columns('sip_capture'),
      await session.columns('rtcp_capture'),
      await session.columns('homer6_capture'),
    ];
    const before = await look();
    expect(before.map((columns) => columns.length)).toEqual([45, 13, 18]);
    expect(before[0].map(({ name }) => name).sort()).toEqual(['id', ...COLUMNS].sort());
    await store.write(batch(1, tableRows(0, 3)));
    await store.makeTable('sip_capture', 'sip_capture');
    await store.open();
    expect(await look()).toEqual(before);
    expect(await count()).toBe(3);
    expect((await database.query('SELECT name, shape FROM sipcap_table ORDER BY name')).map((row) => ({ ...row }))).toEqual([
      { name: 'homer6_capture', shape: 'rtcp_capture_homer6' },
      { name: 'rtcp_capture', shape: 'rtcp_capture' },
      { name: 'sip_capture', shape: 'sip_capture' },
    ]);
    expect(await store.hasTable('sip_capture')).toBe(true);
    expect(await store.hasTable('nothing_here')).toBe(false);
  });

  test('a stream advances over a gap of any length at once, and never goes back', async () => {
    await store.write({ rows: [tableRows(0, 3)], streams: [stream(1)] });
    const later = { rows: [tableRows(3, 6)], streams: [stream(1_000_000_001, 'far')] };
    expect(await store.write(later)).toEqual({ outcome: 'conflict' });
    expect(await moveOverGap(store, later)).toBe(true);
    expect(await store.write(later)).toEqual({ outcome: 'stored', refused: [] });
    expect(await moveOverGap(store, later)).toBe(false);
    await store.advance(stream(7, 'back'));
    const fresh = { rows: [tableRows(6, 9)], streams: [stream(5, '', 'another')] };
    expect([await moveOverGap(store, fresh), (await store.write(fresh)).outcome]).toEqual([true, 'stored']);
    expect((await store.streams('')).map(({ stream: name, sequence, position }) => [name, sequence, position])).toEqual([
      ['another', 5, ''],
      ['test', 1_000_000_001, 'far'],
    ]);
    expect(await count()).toBe(9);
  });

  test('indexes: the eight of OpenSIPS', async () => {
    await store.makeTable('sip_capture', 'sip_capture');
    const sql = {
      sqlite: "SELECT ii.name AS name FROM pragma_index_list('sip_capture') il, pragma_index_info(il.name) ii",
      mysql:
        "SELECT DISTINCT column_name AS name FROM information_schema.statistics WHERE table_schema = database() AND table_name = 'sip_capture' AND index_name <> 'PRIMARY'",
      postgresql:
        "SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = 'sip_capture'::regclass AND NOT i.indisprimary",
    }[kind];
    const names = (await database.query(sql)).map(({ name }) => name).sort();
    expect(names).toEqual(['auth_user', 'callid', 'callid_aleg', 'date', 'from_user', 'pid_user', 'ruri_user', 'to_user']);
  });

  test('a batch stores every value of every row, and the position with it; the table is created on demand', async () => {
    expect(await store.write(batch(1, tableRows(0, 1234)))).toEqual({ outcome: 'stored', refused: [] });
    expect(await count()).toBe(1234);
    const rows = await database.query(`SELECT ${COLUMNS.join(', ')} FROM sip_capture ORDER BY id`);
    for (const number of [0, 99, 100, 1233]) {
      const expected = Object.fromEntries(rowValues(number).map((value, i) => [COLUMNS[i], value]));
      const row: Record<string, unknown> = { ...rows[number], micro_ts: Number(rows[number].micro_ts) };
      if (row.date instanceof Date) row.date = row.date.toISOString().slice(0, 19).replace('T', ' ');
      expect(row).toEqual(expected);
    }
    expect(await store.streams('te')).toEqual([{ stream: 'test', sequence: 1, position: 'at 1' }]);
    expect(await store.streams('x')).toEqual([]);
  });

  test('streams advance one by one; a repeated batch is known, any other is a conflict', async () => {
    expect((await store.write(batch(1, tableRows(0, 5)))).outcome).toBe('stored');
    expect((await store.write(batch(2, tableRows(5, 9)))).outcome).toBe('stored');
    expect(await store.write(batch(2, tableRows(5, 9)))).toEqual({ outcome: 'known' });
    expect(await store.write(batch(2, { ...tableRows(5, 9) }))).toEqual({ outcome: 'known' });
    expect(await store.write({ rows: [tableRows(9, 12)], streams: [stream(2, 'elsewhere')] })).toEqual({ outcome: 'conflict' });
    expect(await store.write(batch(1, tableRows(9, 12)))).toEqual({ outcome: 'conflict' });
    expect(await store.write(batch(4, tableRows(9, 12)))).toEqual({ outcome: 'conflict' });
    // A stream that is new must begin at 1.
    expect(await store.write({ rows: [tableRows(9, 12)], streams: [stream(2, '', 'new')] })).toEqual({ outcome: 'conflict' });
    expect(await count()).toBe(9);
    expect((await store.write(batch(3, tableRows(9, 12)))).outcome).toBe('stored');
    expect(await count()).toBe(12);
  });

  test('several streams advance together or not at all', async () => {
    await store.write({ rows: [tableRows(0, 2)], streams: [stream(1, 'a', 'a'), stream(1, 'b', 'b')] });
    expect(await store.write({ rows: [tableRows(2, 4)], streams: [stream(2, 'a2', 'a'), stream(1, 'b', 'b')] })).toEqual({
      outcome: 'conflict',
    });
    expect(await store.write({ rows: [tableRows(2, 4)], streams: [stream(2, 'a2', 'a'), stream(3, 'b3', 'b')] })).toEqual({
      outcome: 'conflict',
    });
    expect(await store.streams('')).toEqual([stream(1, 'a', 'a'), stream(1, 'b', 'b')]);
    const both = { rows: [tableRows(2, 4)], streams: [stream(2, 'a2', 'a'), stream(2, 'b2', 'b'), stream(1, '', 'c')] };
    expect((await store.write(both)).outcome).toBe('stored');
    expect(await store.write(both)).toEqual({ outcome: 'known' });
    expect(await count()).toBe(4);
  });

  test('rows of several tables are stored in one transaction', async () => {
    const both = batch(1, tableRows(0, 4, {}, 'sip_capture_20231114'), tableRows(4, 7, {}, 'sip_capture_20231115'));
    expect((await store.write(both)).outcome).toBe('stored');
    expect([await count('sip_capture_20231114'), await count('sip_capture_20231115')]).toEqual([4, 3]);
  });

  test.each([[[0]], [[999]], [[0, 1, 2, 500, 501, 998, 999]]])(
    'bad rows %j are found, reported and left out; all others are stored',
    async (bad) => {
      await store.makeTable('sip_capture', 'sip_capture');
      await database.query('ALTER TABLE sip_capture RENAME TO t');
      await database.query(
        kind === 'sqlite'
          ? "CREATE TABLE sip_capture (id INTEGER PRIMARY KEY, callid TEXT, method TEXT CHECK (method <> 'BAD'), msg BLOB)"
          : `CREATE TABLE sip_capture (id ${kind === 'mysql' ? 'BIGINT AUTO_INCREMENT PRIMARY KEY' : 'BIGSERIAL'}, callid VARCHAR(99), method VARCHAR(40) CHECK (method <> 'BAD'), msg ${kind === 'mysql' ? 'BLOB' : 'BYTEA'})`,
      );
      const changes = Object.fromEntries(bad.map((number) => [number, { method: 'BAD' }]));
      const outcome = await store.write(batch(1, tableRows(0, 1000, changes)));
      if (outcome.outcome !== 'stored') throw new Error(JSON.stringify(outcome));
      expect(outcome.refused.map(({ table, row }) => [table, row])).toEqual(bad.map((row) => ['sip_capture', row]));
      for (const { reason } of outcome.refused) expect(reason).toMatch(/check|constraint/i);
      const expected = Array.from({ length: 1000 }, (_, i) => i)
        .filter((i) => !bad.includes(i))
        .map((i) => `call-${i}@127.0.0.1`);
      expect(await callIds()).toEqual(expected);
      expect((await store.write(batch(2, tableRows(1000, 1002)))).outcome).toBe('stored');
    },
  );

  /** Our own tables take NULL everywhere. */
  const strictTable = () =>
    database.query(
      `CREATE TABLE sip_capture (callid VARCHAR(99) NOT NULL, msg ${{ sqlite: 'BLOB', mysql: 'MEDIUMBLOB', postgresql: 'BYTEA' }[kind]})`,
    );

  test('a bad first row before many megabytes', async () => {
    await strictTable();
    const big = { msg: Buffer.alloc(60_000, 'x') };
    const changes = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [i, i === 0 ? { ...big, callid: null } : big]));
    expect(await store.write(batch(1, tableRows(0, 300, changes)))).toMatchObject({ outcome: 'stored', refused: [{ row: 0 }] });
    expect(await count()).toBe(299);
  });

  test('when every row is bad the position still advances', async () => {
    await database.query("CREATE TABLE sip_capture (callid VARCHAR(99) NOT NULL CHECK (callid = 'never'))");
    const outcome = await store.write(batch(1, tableRows(0, 30)));
    expect(outcome).toMatchObject({ outcome: 'stored', refused: { length: 30 } });
    expect(await store.streams('test')).toHaveLength(1);
  });

  test("a value of NULL where the column is NOT NULL is the row's fault", async () => {
    await strictTable();
    const outcome = await store.write(batch(1, tableRows(0, 10, { 4: { callid: null } })));
    expect(outcome).toMatchObject({ outcome: 'stored', refused: [{ table: 'sip_capture', row: 4 }] });
    expect(await count()).toBe(9);
  });

  test('hostile values: msg arrives unchanged, text as text', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const hostile = ["'; DROP TABLE sip_capture; --", '"\\\'`%s%n?$1:x\t\r\n\\N\\.', 'Ünïcødé \u{1F4DE}', 'x\0y', '\\x41', '{}'];
    const changes = Object.fromEntries(
      hostile.map((text, i) => [
        i,
        { callid: text, user_agent: text, msg: Buffer.concat([every, Buffer.from(text), Buffer.alloc(65_536 + i, i)]) },
      ]),
    );
    expect(await store.write(batch(1, tableRows(0, hostile.length, changes)))).toEqual({ outcome: 'stored', refused: [] });
    const rows = await database.query('SELECT callid, user_agent, msg FROM sip_capture ORDER BY id');
    rows.forEach((row, i) => {
      expect([row.callid, row.user_agent]).toEqual([hostile[i].replace('\0', '\ufffd'), hostile[i].replace('\0', '\ufffd')]);
      expect(Buffer.compare(row.msg as Buffer, changes[i].msg)).toBe(0);
    });
    expect(store.adjusted.toJSON()).toEqual({ replaced_callid: 1, replaced_user_agent: 1 });
  });

  test('a message of two megabytes, and a lone surrogate in text', async () => {
    const msg = Buffer.alloc(2_000_000, 0xfe);
    expect(await store.write(batch(1, tableRows(0, 3, { 1: { msg, reason: 'a\ud800b' } })))).toEqual({ outcome: 'stored', refused: [] });
    const [, row] = await database.query('SELECT reason, msg FROM sip_capture ORDER BY id');
    expect(row.reason).toBe('a\ufffdb');
    expect(Buffer.compare(row.msg as Buffer, msg)).toBe(0);
  });

  test('a user-created table with fewer, renamed and additional columns is filled where possible', async () => {
    await database.query(
      `CREATE TABLE sip_capture (callid VARCHAR(200) NOT NULL, Method VARCHAR(20), sender VARCHAR(50), expires INTEGER NOT NULL, note VARCHAR(9) NOT NULL, seen INTEGER DEFAULT 7)`,
    );
    await store.close();
    store = await loadStore(database.url, { renames: { from_user: 'sender', to_user: 'method' } });
    expect(await store.write(batch(1, tableRows(0, 2)))).toEqual({ outcome: 'stored', refused: [] });
    expect((await database.query('SELECT * FROM sip_capture ORDER BY callid')).map((row) => Object.values(row))).toEqual([
      ['call-0@127.0.0.1', 'method 0', 'from_user 0', 0, '', 7],
      ['call-1@127.0.0.1', 'method 1', 'from_user 1', 0, '', 7],
    ]);
    expect(await database.query('SELECT name FROM sipcap_table')).toEqual([]);
  });

  test('a table with none of the columns is reported, and nothing of the batch is stored', async () => {
    await database.query('CREATE TABLE sip_capture (something INTEGER)');
    const outcome = await store.write(batch(1, tableRows(0, 2)));
    expect(outcome).toEqual({ outcome: 'unavailable', reason: 'table sip_capture has none of the columns that are to be stored' });
    expect(await store.streams('')).toEqual([]);
  });

  test('a table dropped while writing is recreated', async () => {
    await store.write(batch(1, tableRows(0, 3)));
    await database.query('DROP TABLE sip_capture');
    let outcome = await store.write(batch(2, tableRows(3, 5)));
    if (outcome.outcome === 'unavailable') outcome = await store.write(batch(2, tableRows(3, 5)));
    expect(outcome).toEqual({ outcome: 'stored', refused: [] });
    expect(await callIds()).toEqual(['call-3@127.0.0.1', 'call-4@127.0.0.1']);
  });

  test('a schema created by a newer version is not touched', async () => {
    await store.open();
    await database.query('UPDATE sipcap_schema SET version = 999');
    const second = await loadStore(database.url);
    await expect(second.open()).rejects.toThrow('database has schema version 999, this program supports up to 2: use a newer sipcap');
  });

  test('two processes start on an empty database at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => loadStore(database.url)));
    await Promise.all(stores.map((one) => one.open()));
    const outcomes = await Promise.all(
      stores.map(async (one, i) => {
        for (;;) {
          const outcome = await one.write({ rows: [tableRows(i * 100, i * 100 + 100)], streams: [stream(1, '', `writer ${i}`)] });
          if (outcome.outcome !== 'unavailable') return outcome.outcome;
        }
      }),
    );
    expect(outcomes).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect(await count()).toBe(400);
    for (const one of stores) await one.close();
  });

  test('can be reopened after close', async () => {
    await store.write(batch(1, tableRows(0, 3)));
    await store.close();
    await store.open();
    expect((await store.write(batch(2, tableRows(3, 5)))).outcome).toBe('stored');
    expect(await count()).toBe(5);
  });
});
