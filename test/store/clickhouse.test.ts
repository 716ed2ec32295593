/** The guarantees of a driver, tested on a real ClickHouse server: no transactions, each row recognised by its identity. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { tableDefinition, loadStore } from '../../src/lib/store/index.js';
import { CLICKHOUSE, CLICKHOUSE_PLAIN } from '../../src/lib/store/clickhouse/dialect.js';
import { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, SIP_CAPTURE_COLUMNS } from '../../src/lib/row/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../rigs/clickhouse.js';
import { batch, identified, IDENTIFIED_COLUMNS, stream } from '../rigs/rows.js';

describe('definitions', () => {
  test.each([
    ['sip_capture', SIP_CAPTURE_COLUMNS],
    ['rtcp_capture', REPORT_COLUMNS],
    ['rtcp_capture_homer6', REPORT_COLUMNS_HOMER6],
  ] as const)('%s has our columns and the identity at both levels', async (shape, columns) => {
    for (const dialect of [CLICKHOUSE, CLICKHOUSE_PLAIN]) {
      const sql = await tableDefinition(dialect, shape, 'some_table');
      expect(sql).toContain('CREATE TABLE IF NOT EXISTS `some_table` (');
      const names = [...sql.matchAll(/^ {2}(?!INDEX)(\w+) (?!.*MATERIALIZED)/gm)].map(([, name]) => name);
      expect(names).toEqual([...columns.map(({ name }) => name), 'stream', 'sequence']);
    }
  });
});

(clickhouseInstalled() ? describe : describe.skip)('ClickHouse', () => {
  let server: ClickhouseServer;
  let store: SqlStore;

  beforeAll(async () => {
    server = await makeClickhouse();
  });

  afterAll(() => server.remove());

  beforeEach(async () => {
    store = await loadStore(server.url);
  });

  afterEach(async () => {
    await store.close();
    for (const { name } of await server.query("SELECT name FROM system.tables WHERE database = 'sipcap'"))
      await server.query(`DROP TABLE sipcap.${String(name)}`);
  });

  const count = async (table = 'sip_capture') => Number((await server.query(`SELECT count() AS n FROM ${table} FINAL`))[0].n);
  const stored = { outcome: 'stored', refused: [] };

  test('tables: each format with its columns, created once, registered as ours; a second time changes nothing', async () => {
    await store.makeTable('sip_capture', 'sip_capture');
    await store.makeTable('rtcp_capture', 'rtcp_capture');
    await store.makeTable('rtcp_capture_homer6', 'homer6_capture');
    const session = await store.connected();
    const look = async () => Promise.all(['sip_capture', 'rtcp_capture', 'homer6_capture'].map((table) => session.columns(table)));
    const before = await look();
    expect(before.map((columns) => columns.length)).toEqual([46, 14, 19]);
    await store.write(batch(1, identified(0, 3)));
    await store.makeTable('sip_capture', 'sip_capture');
    await store.open();
    expect(await look()).toEqual(before);
    expect(await count()).toBe(3);
    expect(await server.query('SELECT name, shape, partition_by FROM sipcap_table ORDER BY name')).toEqual([
      { name: 'homer6_capture', shape: 'rtcp_capture_homer6', partition_by: 'day' },
      { name: 'rtcp_capture', shape: 'rtcp_capture', partition_by: 'day' },
      { name: 'sip_capture', shape: 'sip_capture', partition_by: 'day' },
    ]);
    expect([await store.hasTable('sip_capture'), await store.hasTable('nothing_here')]).toEqual([true, false]);
  });

  test('a batch stores every value of every row, and the position after it; the table is created on demand', async () => {
    expect(await store.write(batch(1, identified(0, 1234)))).toEqual(stored);
    const columns = IDENTIFIED_COLUMNS.map((name) =>
      name === 'date' ? 'toString(date) AS date' : name === 'msg' ? 'hex(msg) AS msg_hex' : name,
    );
    const rows = await server.query(`SELECT ${columns.join(', ')} FROM sip_capture ORDER BY sequence`);
    expect(rows).toHaveLength(1234);
    const expected = identified(0, 1234);
    for (const number of [0, 99, 100, 1233])
      for (const [i, name] of IDENTIFIED_COLUMNS.entries()) {
        const value = expected.values[number * IDENTIFIED_COLUMNS.length + i];
        const found = typeof value === 'number' ? Number(rows[number][name]) : rows[number][name];
        expect([name, found]).toEqual([name, value]);
      }
    expect(await store.streams('te')).toEqual([{ stream: 'test', sequence: 1, position: 'at 1' }]);
    expect(await store.streams('x')).toEqual([]);
  });

  test('a batch that is written again, whole or cut otherwise, by another store, adds nothing', async () => {
    expect(await store.write(batch(1, identified(0, 500)))).toEqual(stored);
    expect(await store.write(batch(1, identified(0, 500)))).toEqual(stored);
    const other = await loadStore(server.url);
    expect(await other.write(batch(1, identified(100, 300), identified(400, 700)))).toEqual(stored);
    await other.close();
    expect(await count()).toBe(700);
    await server.query('OPTIMIZE TABLE sip_capture FINAL');
    expect(Number((await server.query('SELECT count() AS n FROM sip_capture'))[0].n)).toBe(700);
  });

  test('messages of one microsecond and Call-ID are distinct by their identity', async () => {
    const same = { micro_ts: 1_700_000_000_000_000, date: '2023-11-14 22:13:20', callid: 'one' };
    await store.write(batch(1, identified(0, 3, { 0: same, 1: same, 2: same })));
    expect(await count()).toBe(3);
  });

  test('a position never goes back', async () => {
    await store.write({ rows: [identified(0, 3)], streams: [stream(5, 'far')] });
    await store.write({ rows: [identified(0, 2)], streams: [stream(4, 'near')] });
    await store.advance(stream(3, 'nearer'));
    expect(await store.streams('')).toEqual([stream(5, 'far')]);
    await store.advance(stream(7, 'farther'));
    expect(await store.streams('')).toEqual([stream(7, 'farther')]);
  });

  test('a batch over midnight and of several tables: an INSERT for each day, each in its partition', async () => {
    const late = { date: '2023-11-15 00:00:00', micro_ts: 1_700_006_400_000_000 };
    const rows = identified(0, 6, { 1: late, 4: late });
    await store.write(batch(1, rows, identified(0, 2, {}, 'sip_capture_20231114')));
    const parts = await server.query("SELECT partition, rows FROM system.parts WHERE active AND table = 'sip_capture' ORDER BY partition");
    expect(parts.map(({ partition, rows: n }) => [partition, Number(n)])).toEqual([
      ['2023-11-14', 4],
      ['2023-11-15', 2],
    ]);
    expect(await count('sip_capture_20231114')).toBe(2);
  });

  test('hostile values: bytes arrive unchanged, numbers and times are clamped and counted', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const hostile = [
      "'; DROP TABLE sip_capture; --",
      '"\\\'`%s%n?$1:x\t\r\n\\N\\.',
      'Ünïcødé \u{1F4DE}'.repeat(9),
      'x\0y',
      '\\x41',
      '{}',
      '',
    ];
    const changes = Object.fromEntries(
      hostile.map((text, i) => [
        i,
        { callid: text, user_agent: text, msg: Buffer.concat([every, Buffer.from(text), Buffer.alloc(65_536 + i, i)]), reason: null },
      ]),
    );
    Object.assign(changes[0], { source_port: 70_000, family: -1, date: '2250-01-01 00:00:00', micro_ts: 8_835_696_000_000_001 });
    expect(await store.write(batch(1, identified(0, hostile.length, changes)))).toEqual(stored);
    const session = await store.connected();
    const rows = await session.all(
      'SELECT callid, user_agent, reason, msg, source_port, family, toString(date) AS d, micro_ts FROM sip_capture ORDER BY sequence',
      [],
    );
    rows.forEach((row, i) => {
      expect([row.callid, row.user_agent, row.reason]).toEqual([hostile[i], hostile[i], '']);
      expect(Buffer.compare(row.msg as Buffer, changes[i].msg)).toBe(0);
    });
    expect(rows[0]).toMatchObject({ source_port: 65_535, family: 0, d: '2105-12-31 23:59:59', micro_ts: 8_835_696_000_000_001 });
    expect(store.adjusted.toJSON()).toEqual({ clamped_source_port: 1, clamped_family: 1, clamped_date: 1 });
  });

  test('values are compared as they are, whatever they contain', async () => {
    const hostile = ["it's", 'a\\b', 'tab\there', 'new\nline', 'nul\0', '%_?'];
    await store.write(batch(1, identified(0, hostile.length, Object.fromEntries(hostile.map((callid, i) => [i, { callid }])))));
    const session = await store.connected();
    for (const callid of hostile)
      expect(await session.all('SELECT callid FROM sip_capture WHERE callid = ? AND method <> ?', [callid, '?'])).toEqual([{ callid }]);
  });

  test.each([[[0]], [[999]], [[0, 1, 2, 500, 501, 998, 999]]])('bad rows %j are found, reported and left out', async (bad) => {
    await server.query(
      `CREATE TABLE sip_capture (date DateTime, callid String, method String, bad UInt8 MATERIALIZED toUInt8(if(method = 'BAD', 'x', '0')), msg String) ENGINE = MergeTree PARTITION BY toDate(date) ORDER BY callid`,
    );
    const changes = Object.fromEntries(bad.map((number) => [number, { method: 'BAD' }]));
    const outcome = await store.write(batch(1, identified(0, 1000, changes)));
    if (outcome.outcome !== 'stored') throw new Error(JSON.stringify(outcome));
    expect(outcome.refused.map(({ table, row }) => [table, row])).toEqual(bad.map((row) => ['sip_capture', row]));
    expect(Number((await server.query('SELECT uniqExact(callid) AS n FROM sip_capture'))[0].n)).toBe(1000 - bad.length);
  });

  test('a user-created table with fewer, renamed and additional columns is filled where possible', async () => {
    await server.query(
      `CREATE TABLE sip_capture (callid String, sender Nullable(String), port Int64, note String, seen Int32 DEFAULT 7) ENGINE = MergeTree ORDER BY callid`,
    );
    await store.close();
    store = await loadStore(server.url, { renames: { from_user: 'sender', source_port: 'port' } });
    expect(await store.write(batch(1, identified(0, 2, { 1: { from_user: null } })))).toEqual(stored);
    expect((await server.query('SELECT * FROM sip_capture ORDER BY callid')).map((row) => Object.values(row))).toEqual([
      ['call-0@127.0.0.1', 'from_user 0', '0', '', 7],
      ['call-1@127.0.0.1', null, '1', '', 7],
    ]);
    expect(await server.query('SELECT name FROM sipcap_table')).toEqual([]);
  });

  test('a table dropped while writing is recreated', async () => {
    await store.write(batch(1, identified(0, 3)));
    await server.query('DROP TABLE sip_capture');
    let outcome = await store.write(batch(2, identified(3, 5)));
    if (outcome.outcome === 'unavailable') outcome = await store.write(batch(2, identified(3, 5)));
    expect(outcome).toEqual(stored);
    expect(await count()).toBe(2);
  });

  test('four processes start on an empty database at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => loadStore(server.url)));
    const outcomes = await Promise.all(
      stores.map(async (one, i) => {
        for (;;) {
          const outcome = await one.write({ rows: [identified(i * 100, i * 100 + 100)], streams: [stream(1, 'x', `writer ${i}`)] });
          if (outcome.outcome !== 'unavailable') return outcome.outcome;
        }
      }),
    );
    expect(outcomes).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect(await count()).toBe(400);
    expect(await store.streams('writer')).toHaveLength(4);
    for (const one of stores) await one.close();
  });

  test('a schema created by a newer version is not touched', async () => {
    await store.open();
    await server.query('INSERT INTO sipcap_schema (version, applied) VALUES (999, now())');
    const second = await loadStore(server.url);
    await expect(second.open()).rejects.toThrow('database has schema version 999, this program supports up to 2: use a newer sipcap');
  });

  test('can be reopened after close; a database that does not exist is reported', async () => {
    await store.write(batch(1, identified(0, 3)));
    await store.close();
    await store.open();
    expect((await store.write(batch(2, identified(3, 5)))).outcome).toBe('stored');
    expect(await count()).toBe(5);
    const missing = await loadStore(server.url.replace(/sipcap$/, 'nowhere'));
    await expect(missing.open()).rejects.toThrow(/Database nowhere doesn't exist/);
    await missing.close();
  });
});
