/** One message never blocks a database: whatever refuses it, its row is set aside with the reason and all others are stored. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog, type StoreBatch, type WriteOutcome } from '../../src/lib/base/index.js';
import { reportRefused } from '../../src/lib/sink/batch/refused-rows.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';

const REPORT_COLUMNS = ['date', 'micro_ts', 'msg'];
const reports = (table: string) => ({
  table,
  columns: REPORT_COLUMNS,
  values: ['2023-11-14 22:13:20', 1, Buffer.from('x')],
  count: 1,
});

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  let store: SqlStore;
  let logged: string[];
  let milliseconds: number;

  const open = (url: string) =>
    loadStore(url, {
      log: { ...silentLog, warn: (text) => logged.push(text) },
      clock: { now: () => 1_700_000_000e6, monotonic: () => milliseconds },
    });

  beforeEach(async () => {
    logged = [];
    milliseconds = 0;
    database = await make();
    store = await open(database.url);
  });

  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  /** Tries as a sink does, a second apart, until the batch is settled. */
  const persist = async (rows: StoreBatch): Promise<{ tries: number; outcome: WriteOutcome }> => {
    for (let tries = 1; ; tries++) {
      const outcome = await store.write(rows);
      if (outcome.outcome !== 'unavailable' || tries === 10) return { tries, outcome };
      milliseconds += 1000;
    }
  };
  const count = async (table = 'sip_capture') => Number((await database.query(`SELECT count(*) AS n FROM ${table}`))[0].n);
  const otherKind = { sqlite: 'BLOB', mysql: 'MEDIUMBLOB', postgresql: 'BYTEA' }[kind];

  test('an unknown error: retried first, then the row is found and set aside', async () => {
    await store.makeTable('sip_capture', 'sip_capture');
    // Errors of unknown kind, raised by the values of a row.
    if (kind === 'sqlite')
      await database.query(
        "CREATE TRIGGER odd BEFORE INSERT ON sip_capture WHEN NEW.method = 'ODD' BEGIN SELECT json_extract('{', '$'); END",
      );
    if (kind === 'mysql')
      await database.query(
        "CREATE TRIGGER odd BEFORE INSERT ON sip_capture FOR EACH ROW IF NEW.method = 'ODD' THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 3988, MESSAGE_TEXT = 'odd row'; END IF",
      );
    if (kind === 'postgresql')
      await database.query(
        `CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.method = 'ODD' THEN RAISE EXCEPTION 'odd row' USING ERRCODE = 'XX001'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER odd BEFORE INSERT ON sip_capture FOR EACH ROW EXECUTE FUNCTION odd()`,
      );
    const { tries, outcome } = await persist(
      batch(1, tableRows(0, 300, { 7: { method: 'ODD' }, 250: { method: 'ODD' } }), reports('rtcp_capture')),
    );
    expect(tries).toBe(4);
    expect(outcome).toMatchObject({ outcome: 'stored', refused: [{ row: 7 }, { row: 250 }] });
    expect([await count(), await count('rtcp_capture')]).toEqual([298, 1]);
    // What comes next does not wait.
    expect(await persist(batch(2, tableRows(300, 310)))).toMatchObject({ tries: 1, outcome: { outcome: 'stored', refused: [] } });
  });

  test('an impossible table name: its rows are set aside at once, the others are stored', async () => {
    const long = `sip_${'x'.repeat(66)}`;
    const refusedLong =
      kind === 'sqlite' ? [] : [expect.objectContaining({ table: long, row: 0 }), expect.objectContaining({ table: long, row: 1 })];
    const written = await store.write(
      batch(
        1,
        tableRows(0, 2, {}, long),
        tableRows(2, 5),
        tableRows(5, 6, {}, 'x"`; DROP TABLE y'),
        tableRows(6, 7, {}, 'sipcap_position'),
      ),
    );
    expect(written).toEqual({
      outcome: 'stored',
      refused: [
        ...refusedLong,
        expect.objectContaining({ row: 0, reason: expect.stringContaining('invalid table name') as unknown }),
        expect.objectContaining({ row: 0, reason: expect.stringContaining('reserved table name') as unknown }),
      ],
    });
    expect(await count()).toBe(3);
  });

  if (kind !== 'sqlite')
    test('no permission to create the report table: SIP is stored, and only the first batch waits', async () => {
      await store.makeTable('sip_capture', 'sip_capture');
      await store.close();
      const url = new URL(database.url);
      const name = `u${url.pathname.slice(-8)}`;
      if (kind === 'mysql') {
        await database.query(
          `CREATE USER ${name}@'%' IDENTIFIED BY 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON ${url.pathname.slice(1)}.* TO ${name}@'%'`,
        );
      } else {
        await database.query(
          `CREATE USER ${name} PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${name}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${name}`,
        );
      }
      url.username = name;
      url.password = 'x';
      store = await open(url.href);
      const first = await persist(batch(1, tableRows(0, 10), reports('rtcp_capture')));
      expect(first.outcome).toMatchObject({ outcome: 'stored', refused: [{ table: 'rtcp_capture', row: 0 }] });
      expect(logged[0]).toMatch(/^table rtcp_capture rejects all rows \(.*denied.*\); storing the other tables$/);
      expect((await persist(batch(2, tableRows(10, 20), reports('rtcp_capture')))).tries).toBe(1);
      expect(await count()).toBe(20);
      // Granted and created: rows are stored again without a restart.
      await database.query(`CREATE TABLE rtcp_capture (date TIMESTAMP NULL, micro_ts BIGINT, msg ${otherKind})`);
      if (kind === 'postgresql') await database.query(`GRANT SELECT, INSERT ON rtcp_capture TO ${name}`);
      expect(await persist(batch(3, reports('rtcp_capture')))).toMatchObject({ tries: 1, outcome: { outcome: 'stored', refused: [] } });
      await store.close();
      await database.query(kind === 'mysql' ? `DROP USER ${name}@'%'` : `DROP OWNED BY ${name}; DROP USER ${name}`);
    });

  test('a table that refuses everything: an import keeps its rows, a live source sets them aside and continues', async () => {
    await database.query('CREATE TABLE sip_capture (something INTEGER)');
    const first = await persist(batch(1, tableRows(0, 5)));
    expect(first.outcome).toEqual({ outcome: 'unavailable', reason: 'table sip_capture has none of the columns that are to be stored' });
    await store.close();
    store = await loadStore(database.url, { live: true, clock: { now: () => 1_700_000_000e6, monotonic: () => milliseconds } });
    expect((await persist(batch(1, tableRows(0, 5)))).outcome).toMatchObject({ outcome: 'stored', refused: { length: 5 } });
    expect((await persist(batch(2, tableRows(5, 9), tableRows(0, 1, {}, 'other')))).outcome).toMatchObject({
      outcome: 'stored',
      refused: { length: 4 },
    });
  });

  test('SIP and reports in one table: a refused row is reported with its own columns', async () => {
    await database.query(`CREATE TABLE mixed (callid VARCHAR(99), micro_ts BIGINT CHECK (micro_ts <> 1), msg ${otherKind})`);
    const mixed = batch(1, tableRows(0, 3, {}, 'mixed'), reports('mixed'));
    const found: unknown[] = [];
    const outcome = await store.write(reportRefused(mixed, (row, columns, values) => found.push([row.row, columns, values[1]])));
    expect(outcome.outcome).toBe('stored');
    expect(found).toEqual([[0, REPORT_COLUMNS, 1]]);
    expect(await count('mixed')).toBe(3);
  });

  if (kind === 'mysql') {
    test('table names from traffic: in a missing database, or too long for a file: their rows are set aside', async () => {
      const long = `t_${'$'.repeat(55)}`;
      const { outcome } = await persist(
        batch(1, tableRows(0, 2, {}, 't_john.doe'), tableRows(2, 5), tableRows(5, 6, {}, long), tableRows(6, 9)),
      );
      expect(outcome).toMatchObject({ outcome: 'stored', refused: { length: 3 } });
      expect(await count()).toBe(6);
      // What comes next does not wait.
      expect(await persist(batch(2, tableRows(9, 12)))).toMatchObject({ tries: 1, outcome: { outcome: 'stored', refused: [] } });
    });

    test('ENUM (1265) and the CHECK of MySQL 8 (3819) are the fault of their rows', async () => {
      await database.query("CREATE TABLE sip_capture (callid VARCHAR(99), method ENUM('INVITE', 'BYE'), reason VARCHAR(99))");
      await database.query(
        "CREATE TRIGGER c BEFORE INSERT ON sip_capture FOR EACH ROW IF NEW.reason = 'BAD' THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 3819, MESSAGE_TEXT = 'Check constraint violated'; END IF",
      );
      const changes = Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [i, { method: i === 20 ? 'OPTIONS' : 'INVITE', reason: i === 30 ? 'BAD' : '' }]),
      );
      expect(await store.write(batch(1, tableRows(0, 50, changes)))).toMatchObject({
        outcome: 'stored',
        refused: [
          { row: 20, reason: "Data truncated for column 'method' at row 1" },
          { row: 30, reason: 'Check constraint violated' },
        ],
      });
      expect(await count()).toBe(48);
    });

    test('a row that fits in the packet size is never refused, down to the smallest size', async () => {
      const set = (bytes: number) => database.query(`SET GLOBAL max_allowed_packet = ${bytes}`);
      const [{ before }] = await database.query('SELECT @@global.max_allowed_packet AS `before`');
      await store.makeTable('sip_capture', 'sip_capture');
      await store.close();
      try {
        let sequence = 0;
        for (const limit of [4096, 65_536]) {
          await set(limit);
          store = await open(database.url);
          let smallestRefused = Infinity;
          let largestStored = 0;
          for (let bytes = limit - 1600; bytes <= limit; bytes += 50) {
            const rows = tableRows(sequence, sequence + 1, { [sequence]: { msg: Buffer.alloc(bytes, 1) } });
            const outcome = await store.write(batch(++sequence, rows));
            if (outcome.outcome !== 'stored') throw new Error(JSON.stringify(outcome));
            if (outcome.refused.length > 0) smallestRefused = Math.min(smallestRefused, bytes);
            else largestStored = bytes;
          }
          expect(smallestRefused - largestStored).toBe(50);
          expect(largestStored).toBeGreaterThan(limit - 1600);
          // Many rows in a batch are sent in statements that fit.
          expect(await store.write(batch(++sequence, tableRows(0, 200)))).toMatchObject({ outcome: 'stored', refused: [] });
          await store.close();
        }
      } finally {
        await set(Number(before));
      }
    });
  }
});
