/** Tables created by others are filled as far as their columns allow, whatever arrives. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog, type ColumnValue } from '../../src/lib/base/index.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { FOREIGN_MYSQL, FOREIGN_POSTGRESQL } from './foreign-tables.js';
import { batch, tableRows } from '../rigs/rows.js';

const cases = databaseMakers().flatMap(({ kind, make }) =>
  Object.entries(kind === 'mysql' ? FOREIGN_MYSQL : kind === 'postgresql' ? FOREIGN_POSTGRESQL : {}).map(([whose, sql]) => ({
    kind,
    make,
    whose,
    sql,
  })),
);

if (cases.length === 0) test.skip('SIPCAP_TEST_MYSQL or SIPCAP_TEST_POSTGRES names a server for them', () => {});

for (const { kind, make, whose, sql } of cases)
  describe(`${whose} in ${kind}`, () => {
    let database: TestDatabase;
    let store: SqlStore;
    let logged: string[];

    beforeEach(async () => {
      database = await make();
      await database.query(sql);
      logged = [];
      store = await loadStore(database.url, {
        log: { ...silentLog, info: (text) => logged.push(text), warn: (text) => logged.push(text) },
      });
    });

    afterEach(async () => {
      await store.close();
      await database.drop();
    });

    test('ordinary rows are all stored, in the columns that the table has', async () => {
      const changes: Record<number, Record<string, ColumnValue>> = {
        3: {
          msg: Buffer.from('INVITE sip:x SIP/2.0\r\n\r\n'),
          callid: 'abc',
          ruri_domain: whose.startsWith('addresses') ? '{}' : 'example.com',
        },
      };
      for (let i = 0; i < 250; i++)
        changes[i] = {
          source_ip: '2001:db8::1',
          originator_ip: '',
          ...(whose.startsWith('addresses') ? { ruri_domain: '' } : {}),
          ...changes[i],
        };
      expect(await store.write(batch(1, tableRows(0, 250, changes)))).toEqual({ outcome: 'stored', refused: [] });
      const rows = await database.query('SELECT * FROM sip_capture ORDER BY id');
      expect(rows).toHaveLength(250);
      expect(rows[3]).toMatchObject({ callid: 'abc', source_ip: '2001:db8::1' });
      expect(String(rows[3].msg)).toBe('INVITE sip:x SIP/2.0\r\n\r\n');
      // Never NULL, but where '' is no value of the type.
      const nulls = Object.entries(rows[7])
        .filter(([, value]) => value === null)
        .map(([name]) => name);
      expect(nulls).toEqual(whose.startsWith('addresses') ? ['originator_ip', 'ruri_domain'] : []);
      expect(logged.filter((text) => text.includes('without transactions'))).toHaveLength(sql.includes('MyISAM') ? 1 : 0);
    });

    test('values that do not fit are truncated, replaced or clamped, and counted; no row is refused', async () => {
      const long = 'x'.repeat(300);
      const hostile: Record<string, ColumnValue> = {
        callid: long,
        from_user: 'Ünïcødé \u{1F4DE}\0',
        cseq: '2147483647 SUBSCRIBE-WITH-A-LONG-NAME',
        user_agent: '\u0416'.repeat(256),
        type: 3_000_000_000,
        source_port: -1,
        date: '9999-01-01 00:00:00',
        msg: Buffer.concat([Buffer.from([0, 255, 254, 128]), Buffer.alloc(100_000, 'm')]),
        originator_ip: '',
        source_ip: '127.0.0.1',
        ruri_domain: '',
      };
      expect(await store.write(batch(1, tableRows(0, 100, { 50: hostile })))).toMatchObject({
        outcome: 'stored',
        refused: whose.startsWith('addresses') ? expect.anything() : [],
      });
      if (whose.startsWith('addresses')) return;
      const rows = await database.query('SELECT * FROM sip_capture ORDER BY id');
      expect(rows).toHaveLength(100);
      expect(rows[50].callid).toBe('x'.repeat(100));
      const narrow = sql.includes('latin1');
      expect(rows[50].from_user).toBe(narrow ? 'Ünïcødé ??' : kind === 'mysql' ? 'Ünïcødé \ufffd\ufffd' : 'Ünïcødé \u{1F4DE}\ufffd');
      expect(rows[50].user_agent).toBe((narrow ? '?' : '\u0416').repeat(256));
      expect(String(rows[50].cseq)).toBe('2147483647 SUBSCRIBE-WITH-A-LONG-NAME'.slice(0, 25));
      expect(Number(rows[50].type)).toBe(kind === 'mysql' ? 3_000_000_000 : 2_147_483_647);
      const adjusted = store.adjusted.toJSON();
      for (const name of ['cut_callid', 'cut_cseq', 'cut_msg', 'replaced_from_user', 'replaced_msg']) expect(adjusted[name]).toBe(1);
      if (kind === 'mysql') expect(adjusted).toMatchObject({ clamped_date: 1, clamped_source_port: 1 });
    });
  });
