/** Tables that an older sipcap created (schema version 1) are written to as they are, and migrated by `db init` only. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog, systemClock } from '../../src/lib/base/index.js';
import { loadStore, migrateTables, schemaVersion } from '../../src/lib/store/index.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await make();
  });
  afterEach(() => database.drop());

  /** As version 1 made it: every column NOT NULL. */
  const makeOld = async (partition: 'none' | 'day') => {
    const store = await loadStore(database.url);
    await store.makeTable('sip_capture', 'sip_capture', partition);
    const columns = (await (await store.connected()).columns('sip_capture')).filter(({ name, nullable }) => nullable && name !== 'id');
    await store.close();
    if (kind === 'postgresql')
      await database.query(`ALTER TABLE sip_capture ${columns.map(({ name }) => `ALTER ${name} SET NOT NULL`).join()}`);
    if (kind === 'mysql') {
      const types = await database.query(
        "SELECT column_name AS name, column_type AS type FROM information_schema.columns WHERE table_schema = database() AND table_name = 'sip_capture'",
      );
      const changes = types
        .filter(({ name }) => columns.some((column) => column.name === name))
        .map(
          ({ name, type }) =>
            `MODIFY ${String(name)} ${String(type)} NOT NULL${String(name) === 'msg' ? '' : String(type).includes('int') ? ' DEFAULT 0' : " DEFAULT ''"}`,
        );
      await database.query(`ALTER TABLE sip_capture ${changes.join()}`);
    }
    if (kind === 'sqlite') {
      const [{ sql }] = await database.query("SELECT sql FROM sqlite_master WHERE name = 'sip_capture'");
      await database.query('DROP TABLE sip_capture');
      await database.query(String(sql).replace(/ (TEXT|INTEGER|BLOB) DEFAULT/g, ' $1 NOT NULL DEFAULT'));
      await database.query('CREATE INDEX "sip_capture_callid" ON "sip_capture" (callid)');
      await database.query('ALTER TABLE sip_capture ADD COLUMN note TEXT');
    }
    await database.query('UPDATE sipcap_schema SET version = 1');
  };

  test.each(kind === 'sqlite' ? (['none'] as const) : (['none', 'day'] as const))(
    'partition %s: written to, warned about once, migrated',
    async (partition) => {
      await makeOld(partition);
      const logged: string[] = [];
      const store = await loadStore(database.url, { log: { ...silentLog, warn: (text) => logged.push(text) } });
      expect(await store.write(batch(1, tableRows(0, 20)))).toMatchObject({ outcome: 'stored', refused: [] });
      expect(logged).toEqual([expect.stringMatching(/^database has schema version 1: .*'sipcap db init' to migrate to version 2$/)]);
      const session = await store.connected();
      expect(await schemaVersion(session)).toBe(1);
      const withNull =
        kind === 'sqlite'
          ? "INSERT INTO sip_capture (callid, auth) VALUES ('x', NULL)"
          : "INSERT INTO sip_capture (date, callid, auth, msg) VALUES ('2023-11-14 00:00:00', 'x', NULL, 'm')";
      await expect(database.query(withNull)).rejects.toThrow(/null/i);
      const announced: string[] = [];
      expect(await migrateTables(session, systemClock, (table) => announced.push(table))).toEqual([
        { table: 'sip_capture', columns: kind === 'sqlite' ? 44 : 43, seconds: expect.any(Number) },
      ]);
      expect(announced).toEqual(['sip_capture']);
      expect(await schemaVersion(session)).toBe(2);
      await database.query(withNull);
      expect(await migrateTables(session, systemClock, () => {})).toEqual([]);
      // Existing rows are kept, defaults hold, and storing continues.
      expect(await store.write(batch(2, tableRows(20, 40)))).toMatchObject({ outcome: 'stored', refused: [] });
      const rows = await database.query('SELECT callid, method, auth, type FROM sip_capture ORDER BY id');
      expect(rows).toHaveLength(41);
      expect(rows[20]).toMatchObject({ callid: 'x', method: '', auth: null });
      expect(Number(rows[20].type)).toBe(0);
      if (kind === 'sqlite')
        expect(await database.query("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'sip_capture'")).toEqual([
          { name: 'sip_capture_callid' },
        ]);
      if (kind === 'sqlite') expect((await session.columns('sip_capture')).map(({ name }) => name)).toContain('note');
      await store.close();
    },
  );
});
