/** Messages from tables filled by OpenSIPS, Kamailio and Homer 5, with SELECT permission only. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import sqlite3 from 'sqlite3';
import { silentLog, systemClock, type Message } from '../../src/lib/base/index.js';
import { MessageReader, findReports, reportsBeside, type MessageQuery } from '../../src/lib/store/read/index.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { loadStore } from '../../src/lib/store/index.js';
import { batch, tableRows } from '../rigs/rows.js';
import { FIRST_AT, callMessages, storeMessages } from '../rigs/stored-calls.js';
import { FOREIGN_MYSQL, FOREIGN_POSTGRESQL, insertOf } from './foreign-tables.js';

const ALL: MessageQuery = { since: null, until: null, condition: null };

async function gathered(batches: AsyncGenerator<Message[]>): Promise<Message[]> {
  const all: Message[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

const open = (url: string) => MessageReader.open(url, { table: '', log: silentLog, clock: systemClock });

const cases = databaseMakers().flatMap(({ kind, make }) =>
  Object.entries(kind === 'mysql' ? FOREIGN_MYSQL : kind === 'postgresql' ? { Kamailio: FOREIGN_POSTGRESQL.Kamailio } : {}).map(
    ([whose, sql]) => ({
      kind,
      make,
      whose,
      sql,
    }),
  ),
);

if (cases.length === 0) test.skip('SIPCAP_TEST_MYSQL or SIPCAP_TEST_POSTGRES names a server for them', () => {});

for (const { kind, make, whose, sql } of cases)
  describe(`a table of ${whose} in ${kind}`, () => {
    let database: TestDatabase;

    beforeEach(async () => {
      database = await make();
      await database.query(sql);
    });

    afterEach(async () => {
      await database.drop();
    });

    test('a foreign table is found, and its messages are read back', async () => {
      const longId = `long-${'x'.repeat(150)}`;
      const calls = [
        callMessages({ callId: 'Abc@127.0.0.1', at: FIRST_AT }),
        callMessages({ callId: longId, at: FIRST_AT + 10e6, status: 486 }),
      ];
      const messages = calls.flat();
      messages[0].sourceAddress = '2001:db8::1';
      const more: Record<string, string | number> =
        whose === 'Homer 5' ? { expires: -1, custom_field1: '', custom_field2: '', custom_field3: '' } : {};
      // A TIMESTAMP is in the zone of the session; what has no zone is in that of the program.
      const offset = kind === 'postgresql' ? 2 : 0;
      for (const message of messages) {
        const address: Record<string, string | number> =
          message.sourceAddress === '2001:db8::1' ? { source_ip: '2001:DB8:0:0:0:0:0:1', family: 10, proto: 1 } : {};
        await database.query(insertOf(message, offset, { ...more, ...address }));
      }
      const reader = await open(database.url);
      try {
        const found = await gathered(reader.messages(ALL));
        expect(found.map(({ capturedAt }) => capturedAt)).toEqual(messages.map(({ capturedAt }) => capturedAt));
        expect(found.map(({ payload }) => payload.toString())).toEqual(messages.map(({ payload }) => payload.toString().slice(0, 1500)));
        expect(found[0]).toMatchObject({ sourceAddress: '2001:db8::1', protocol: 17, family: 10, captureName: 'sbc1', captureId: -1 });
        const late = await gathered(reader.messages({ since: FIRST_AT + 5e6, until: FIRST_AT + 11e6, condition: null }));
        expect(late).toHaveLength(4);
        // Cut in the table, and asked for whole; and by an address as the table has it.
        expect(await gathered(reader.messages({ ...ALL, condition: { kind: 'is', field: 'callId', values: [longId] } }))).toHaveLength(4);
        expect(await gathered(reader.messagesOfCalls([longId, 'Abc@127.0.0.1'], { since: FIRST_AT, until: null }))).toHaveLength(10);
      } finally {
        await reader.close();
      }
    });
  });

describe.each(databaseMakers())('an account that may only read, $kind', ({ kind, make }) => {
  let database: TestDatabase;
  let undo: string[];

  beforeEach(async () => {
    database = await make();
    undo = [];
  });

  afterEach(async () => {
    for (const sql of undo) await database.query(sql);
    await database.drop();
  });

  test('finds messages and reports, and creates nothing', async () => {
    await storeMessages(database.url, callMessages({ callId: 'a', at: FIRST_AT }), { partition: kind === 'sqlite' ? 'none' : 'day' });
    const report = { ...callMessages({ callId: 'a', at: FIRST_AT })[0], payloadType: 5, correlationId: 'a', payload: Buffer.from('{}') };
    await storeMessages(database.url, [report], { table: 'unused' });
    const url = await readOnlyUrl();
    const before = await contents();
    const reader = await open(url);
    try {
      expect(await gathered(reader.messages({ ...ALL, since: FIRST_AT }))).toHaveLength(6);
      const filter = { correlationIds: ['a', 'b'], payloadType: -1, since: FIRST_AT, until: FIRST_AT + 1, limit: 10 };
      expect(await reportsBeside(reader.session, '', filter)).toMatchObject([{ correlationId: 'a', payloadType: 5, capturedAt: FIRST_AT }]);
      expect(await findReports(reader.session, '', { ...filter, correlationIds: ['b'] })).toEqual([]);
    } finally {
      await reader.close();
    }
    expect(await contents()).toEqual(before);
  });

  test('a missing database is not created', async () => {
    const missing = kind === 'sqlite' ? `${database.url}.missing` : database.url.replace(/\/t_/, '/missing_t_');
    await expect(open(missing)).rejects.toThrow(/no database|cannot open database/);
    if (kind === 'sqlite')
      expect(readdirSync(dirname(missing.slice('sqlite:'.length))).filter((name) => name.includes('missing'))).toEqual([]);
  });

  if (kind === 'sqlite')
    test('a writer that comes and goes while the file is read: every look finds what is there, and nothing is left behind', async () => {
      const path = database.url.slice('sqlite:'.length);
      let sequence = 0;
      const store = async () => {
        const writer = await loadStore(database.url);
        expect(await writer.write(batch(++sequence, tableRows(sequence * 6, sequence * 6 + 6)))).toMatchObject({ outcome: 'stored' });
        await writer.close();
      };
      await store();
      const names = readdirSync(dirname(path));
      const reader = await open(database.url);
      const found = async () => (await reader.session.all('SELECT count(*) AS n FROM sip_capture', []))[0].n;
      try {
        expect([await found(), readdirSync(dirname(path))]).toEqual([6, names]);
        await store();
        expect(await found()).toBe(12);
        // One that is still there, with what it wrote in its write-ahead log.
        const writer = new sqlite3.Database(path);
        const run = (sql: string) =>
          new Promise<void>((done, fail) => writer.exec(sql, (error) => (error === null ? done() : fail(error))));
        await run("PRAGMA wal_autocheckpoint = 0; UPDATE sip_capture SET method = 'X'");
        expect(await found()).toBe(12);
        await run('DELETE FROM sip_capture WHERE rowid > 7');
        expect(await found()).toBe(7);
        await run('PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM sip_capture WHERE rowid > 6');
        expect(await found()).toBe(6);
        await new Promise((done) => writer.close(done));
        expect(await found()).toBe(6);
      } finally {
        await reader.close();
      }
      await store();
      expect(readdirSync(dirname(path))).toEqual(names);
    });

  async function readOnlyUrl(): Promise<string> {
    if (kind === 'sqlite') return database.url;
    const name = `r_${randomBytes(5).toString('hex')}`;
    const url = new URL(database.url);
    const schema = url.pathname.slice(1);
    const statements =
      kind === 'mysql'
        ? [`CREATE USER ${name}@'%' IDENTIFIED BY 'secret'`, `GRANT SELECT ON ${schema}.* TO ${name}@'%'`]
        : [`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name}`];
    for (const sql of statements) await database.query(sql);
    undo = kind === 'mysql' ? [`DROP USER ${name}@'%'`] : [`DROP OWNED BY ${name}`, `DROP ROLE ${name}`];
    url.username = name;
    url.password = 'secret';
    return url.href;
  }

  async function contents(): Promise<unknown> {
    if (kind === 'sqlite') {
      const path = database.url.slice('sqlite:'.length);
      return [readdirSync(dirname(path)), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }
    return database.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${kind === 'mysql' ? 'database()' : "'public'"} ORDER BY 1`,
    );
  }
});
