/** One table that is full, crashed or on a full disk: its rows are set aside, all other tables continue; a full server is waited for. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog, type StoreBatch, type WriteOutcome } from '../../src/lib/base/index.js';
import { loadStore, RefusingTables } from '../../src/lib/store/index.js';
import { mysqlFault } from '../../src/lib/store/mysql/faults.js';
import { postgresqlFault } from '../../src/lib/store/postgresql/faults.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';
import { mountSmallDisk, unmountDisk } from '../rigs/small-disk.js';

const servers = databaseMakers().filter(({ kind }) => kind !== 'sqlite');
if (servers.length === 0) test.skip('SIPCAP_TEST_MYSQL or SIPCAP_TEST_POSTGRES names a server for them', () => {});

for (const { kind, make } of servers)
  describe(`${kind}`, () => {
    let database: TestDatabase;
    let store: SqlStore;
    let logged: string[];
    let milliseconds: number;
    let refusing: RefusingTables;
    let undo: (() => Promise<void> | void)[];

    const clock = { now: () => 1_700_000_000e6, monotonic: () => milliseconds };
    const open = async (live = true) => {
      const log = { ...silentLog, warn: (text: string) => logged.push(text) };
      refusing = new RefusingTables(clock, log);
      return loadStore(database.url, { live, clock, log, refusing });
    };

    beforeEach(async () => {
      logged = [];
      undo = [];
      milliseconds = 0;
      database = await make();
      store = await open();
    });

    afterEach(async () => {
      await store.close();
      await database.drop();
      for (const each of undo) await each();
    });

    /** Tries as a sink does, a second apart, until the batch is settled. */
    const persist = async (rows: StoreBatch): Promise<{ tries: number; outcome: WriteOutcome }> => {
      for (let tries = 1; ; tries++) {
        const outcome = await store.write(rows);
        if (outcome.outcome !== 'unavailable' || tries === 8) return { tries, outcome };
        milliseconds += 1000;
      }
    };
    const count = async (table: string) => Number((await database.query(`SELECT count(*) AS n FROM ${table}`))[0].n);
    const stored = { outcome: 'stored', refused: [] };

    /** Batches of both tables: `bad` fails, the other one gets every row, and what fails is known from the second batch on. */
    const expectOthersStored = async (reason: RegExp, repair: () => Promise<unknown>) => {
      const first = await persist(batch(1, tableRows(0, 300, {}, 'bad'), tableRows(0, 300)));
      expect(first).toMatchObject({ tries: 4, outcome: { outcome: 'stored' } });
      const taken = await count('bad').catch(() => 0);
      const { refused } = first.outcome as Extract<WriteOutcome, { outcome: 'stored' }>;
      expect(refused.every(({ table, reason: why }) => table === 'bad' && reason.test(why))).toBe(true);
      expect(refused.length).toBeGreaterThan(0);
      expect(await count('sip_capture')).toBe(300);
      expect(await persist(batch(2, tableRows(300, 310)))).toEqual({ tries: 1, outcome: stored });
      const third = await persist(batch(3, tableRows(300, 400, {}, 'bad'), tableRows(310, 320)));
      expect(third).toMatchObject({ tries: 1, outcome: { outcome: 'stored', refused: { length: 100 } } });
      expect(await count('sip_capture')).toBe(320);
      expect(refusing.failing()).toMatchObject([{ table: 'bad' }]);
      const about = logged.filter((text) => text.includes('cannot be written'));
      expect(about).toEqual([
        expect.stringMatching(/^table bad cannot be written \(.*\); storing the other tables\. Repair it.*import-quarantine/),
      ]);
      expect(about[0]).toMatch(reason);
      // Nothing that was undone is left: no row twice, no trace of the look at the other table.
      expect(await database.query("SELECT stream FROM sipcap_position WHERE stream LIKE 'probe:%'")).toEqual([]);
      await repair();
      milliseconds += 1000;
      expect(await persist(batch(4, tableRows(400, 410, {}, 'bad'), tableRows(320, 330)))).toEqual({ tries: 1, outcome: stored });
      expect(refusing.failing()).toEqual([]);
      expect(logged[logged.length - 1]).toBe('table bad accepts rows again');
      return { refused: refused.length, taken };
    };

    const isRoot = process.getuid?.() === 0;
    /** A folder with a file system of its own, of the server's account. */
    const smallDisk = (owner: string): string | null => {
      const folder = mkdtempSync('/tmp/sipcap-disk-');
      chmodSync(folder, 0o755);
      const data = statSync(owner);
      if (!mountSmallDisk(folder, '1500k')) {
        rmSync(folder, { recursive: true });
        return null;
      }
      chownSync(folder, data.uid, data.gid);
      undo.push(() => {
        unmountDisk(folder);
        rmSync(folder, { recursive: true });
      });
      return folder;
    };
    const enlarge = async (folder: string) => execFileSync('mount', ['-o', 'remount,size=20m', folder]);

    if (kind === 'mysql') {
      test('a full table (MEMORY, 1114)', async () => {
        await store.makeTable('sip_capture', 'sip_capture');
        await database.query('SET max_heap_table_size = 16384; CREATE TABLE bad (callid VARCHAR(99), method VARCHAR(99)) ENGINE = MEMORY');
        const { refused, taken } = await expectOthersStored(/is full/, () =>
          database.query('SET max_heap_table_size = 16777216; ALTER TABLE bad ENGINE = MEMORY'),
        );
        expect([refused, taken]).toEqual([300, expect.any(Number)]);
      });

      test('a crashed table (MyISAM, index truncated)', async () => {
        await store.makeTable('sip_capture', 'sip_capture');
        await database.query(
          'CREATE TABLE bad (callid VARCHAR(99), method VARCHAR(99), KEY (callid)) ENGINE = MyISAM; INSERT INTO bad VALUES (1, 2); FLUSH TABLES bad',
        );
        const [{ folder, name }] = await database.query('SELECT @@datadir AS folder, database() AS name');
        const index = join(String(folder), String(name), 'bad.MYI');
        try {
          truncateSync(index, 300);
        } catch {
          return; // another machine's server, or another account's
        }
        await expectOthersStored(/bad/, () => database.query('DROP TABLE bad; CREATE TABLE bad (callid VARCHAR(99))'));
      });

      test.each([1016, 1021, 1030, 1034, 1114, 1194, 1195])('error %i of one table, and of all', async (errno) => {
        const raise = (table: string) =>
          database.query(
            `CREATE TRIGGER t_${table} BEFORE INSERT ON ${table} FOR EACH ROW SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'raised'`,
          );
        await store.makeTable('sip_capture', 'sip_capture');
        await database.query('CREATE TABLE bad (callid VARCHAR(99))');
        await raise('bad');
        await expectOthersStored(/raised/, () => database.query('DROP TRIGGER t_bad'));
        // The server's: nothing is stored, nothing is set aside, and when it is over everything goes in.
        for (const table of ['bad', 'sip_capture', 'sipcap_position']) await raise(table);
        milliseconds += 60_000;
        const rows = batch(5, tableRows(500, 600, {}, 'bad'), tableRows(500, 600));
        expect(await persist(rows)).toEqual({ tries: 8, outcome: { outcome: 'unavailable', reason: 'raised' } });
        await database.query('DROP TRIGGER t_bad; DROP TRIGGER t_sip_capture; DROP TRIGGER t_sipcap_position');
        expect(await persist(rows)).toEqual({ tries: 1, outcome: stored });
        expect([await count('bad'), await count('sip_capture')]).toEqual([110, 430]);
      });

      test('an import waits, and resumes when the table is repaired: nothing is set aside', async () => {
        await store.makeTable('sip_capture', 'sip_capture');
        await store.close();
        store = await open(false);
        await database.query('SET max_heap_table_size = 16384; CREATE TABLE bad (callid VARCHAR(99)) ENGINE = MEMORY');
        for (let i = 0; i < 400; i++) await database.query(`INSERT INTO bad VALUES (${i})`).catch(() => {});
        const rows = batch(1, tableRows(0, 5, {}, 'bad'), tableRows(0, 5));
        expect(await persist(rows)).toMatchObject({
          tries: 8,
          outcome: { outcome: 'unavailable', reason: expect.stringContaining("'bad'") },
        });
        await database.query('TRUNCATE TABLE bad');
        expect(await persist(rows)).toEqual({ tries: 1, outcome: stored });
      });
    } else {
      test('a table in a full tablespace (53100)', async () => {
        const [{ folder: data }] = await database.query("SELECT current_setting('data_directory') AS folder");
        const folder = isRoot ? smallDisk(String(data)) : null;
        if (folder === null) return console.warn('not run: needs root, to mount a small file system');
        const space = `s_${Date.now()}`;
        await store.makeTable('sip_capture', 'sip_capture');
        await database.query(`CREATE TABLESPACE ${space} LOCATION '${folder}'`);
        undo.unshift(async () => {
          const other = await make();
          await other.query(`DROP TABLESPACE ${space}`);
          await other.drop();
        });
        await database.query(`CREATE TABLE bad (callid VARCHAR(99), msg BYTEA) TABLESPACE ${space}`);
        // Down to the last row: what an attempt that failed has taken of the disk is free for the next one.
        for (const rows of [100_000, 1000, 10, 1])
          for (let full = false; !full;)
            await database
              .query(`INSERT INTO bad SELECT n::text, decode(md5(n::text), 'hex') FROM generate_series(1, ${rows}) n`)
              .catch(() => (full = true));
        await expectOthersStored(/could not extend file/, () => enlarge(folder));
      });

      test.each(['53100', '58P01', '58030'])('SQLSTATE %s of one table, and of all', async (code) => {
        await database.query(
          `CREATE FUNCTION raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '${code}'; END $$`,
        );
        const raise = (table: string) =>
          database.query(`CREATE TRIGGER t BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION raised()`);
        const end = (table: string) => database.query(`DROP TRIGGER t ON ${table}`);
        await store.makeTable('sip_capture', 'sip_capture');
        await database.query('CREATE TABLE bad (callid VARCHAR(99))');
        await raise('bad');
        await expectOthersStored(/raised/, () => end('bad'));
        for (const table of ['bad', 'sip_capture', 'sipcap_position']) await raise(table);
        milliseconds += 60_000;
        const rows = batch(5, tableRows(500, 600, {}, 'bad'), tableRows(500, 600));
        expect(await persist(rows)).toEqual({ tries: 8, outcome: { outcome: 'unavailable', reason: 'raised' } });
        for (const table of ['bad', 'sip_capture', 'sipcap_position']) await end(table);
        expect(await persist(rows)).toEqual({ tries: 1, outcome: stored });
        expect([await count('bad'), await count('sip_capture')]).toEqual([110, 430]);
      });
    }
  });

test('error numbers of a table are distinct from those of the server', () => {
  for (const errno of [1005, 1016, 1017, 1021, 1030, 1034, 1114, 1194, 1195, 144, 145, 1814])
    expect(mysqlFault({ errno, sqlState: 'HY000' })).toBe('table');
  for (const errno of [1037, 1040, 1205, 1290, 1836]) expect(mysqlFault({ errno, sqlState: 'HY000' })).toBe('server');
  for (const code of ['53100', '55000', '58030', '58P01']) expect(postgresqlFault({ code })).toBe('table');
  for (const code of ['53200', '53300', '55P03', '57P01', '25006', 'ECONNRESET']) expect(postgresqlFault({ code })).toBe('server');
});

test('refusing tables are forgotten after a while, and their number is limited', () => {
  let now = 0;
  const refusing = new RefusingTables({ now: () => 0, monotonic: () => now }, silentLog);
  for (let i = 0; i < 3000; i++) refusing.add(`t${i}`, 'full', true);
  expect(refusing.failing()).toHaveLength(1000);
  now += 14 * 60_000;
  refusing.add('t2500', 'full', true);
  now += 2 * 60_000;
  expect(refusing.failing().map(({ table }) => table)).toEqual(['t2500']);
});
