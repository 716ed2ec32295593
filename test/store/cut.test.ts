/** A server whose connection is cut repeatedly and at the worst moments: in the end each row is stored exactly once. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError, UsageError, silentLog } from '../../src/lib/base/index.js';
import { BatchingSink } from '../../src/lib/sink/batch/batching-sink.js';
import { asServerError } from '../../src/lib/service/db/server-error.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';
import { expectEach, numberedMessage, numberedRows } from './numbered.js';
import { Proxy } from '../rigs/proxy.js';
import { seeded } from '../rigs/random.js';

const FAULTS = process.env.SIPCAP_LONG === undefined ? 25 : 400;
const servers = databaseMakers().filter(({ kind }) => kind !== 'sqlite');

if (servers.length === 0) test.skip('SIPCAP_TEST_MYSQL or SIPCAP_TEST_POSTGRES names a server to cut off', () => {});

for (const { kind, make } of servers)
  describe(kind, () => {
    let database: TestDatabase;
    let proxy: Proxy;
    let store: SqlStore;

    beforeEach(async () => {
      database = await make();
      proxy = await Proxy.open(database.url);
      store = await loadStore(proxy.through(database.url), { answerMs: 1500 });
    });

    afterEach(async () => {
      await store.close();
      await proxy.close();
      await database.drop();
    });

    /** A busy machine may not answer in time. */
    const put = async (...args: Parameters<typeof batch>) => {
      for (let tries = 0; (await store.write(batch(...args))).outcome !== 'stored'; tries++)
        if (tries === 30) throw new Error('never stored');
    };
    const callIds = async () => (await database.query('SELECT callid FROM sip_capture ORDER BY id')).map(({ callid }) => callid);

    test('down at startup: reported without the password, and rows are stored when it comes up', async () => {
      proxy.down = true;
      const refusal = await store.open().then(
        () => '',
        (error: Error) => error.message,
      );
      expect(refusal).toMatch(/^cannot open database (mysql|postgres):\/\/sipcap:\*\*\*@127\.0\.0\.1/);
      expect(refusal).not.toContain('capture@');
      expect((await store.write(batch(1, tableRows(0, 10)))).outcome).toBe('unavailable');
      proxy.down = false;
      expect((await store.write(batch(1, tableRows(0, 10)))).outcome).toBe('stored');
      expectEach(await callIds(), 10);
    });

    test('a broken idle connection is replaced', async () => {
      await put(1, tableRows(0, 10));
      proxy.cut();
      await sleep(50);
      expect((await store.write(batch(2, tableRows(10, 20)))).outcome).toBe('stored');
      expectEach(await callIds(), 20);
    });

    test('the reply to COMMIT is lost: the batch is known, and its refused rows are reported again', async () => {
      await store.write(batch(1, tableRows(0, 10)));
      await database.query(`ALTER TABLE sip_capture ADD CHECK (callid <> 'bad')`);
      const session = await store.connected();
      const execute = session.execute.bind(session);
      session.execute = async (sql) => {
        if (sql === 'COMMIT') proxy.deafAfter = 0;
        return execute(sql);
      };
      const second = batch(2, tableRows(10, 20, { 14: { callid: 'bad' } }));
      expect((await store.write(second)).outcome).toBe('unavailable');
      await sleep(100);
      expect(await callIds()).toHaveLength(19);
      expect(await store.write(second)).toMatchObject({ outcome: 'stored', refused: [{ row: 4 }] });
      expect(await callIds()).toHaveLength(19);
    });

    test('cut, frozen or down while positions are read: unavailable, not an internal error, and a retry succeeds', async () => {
      await put(1, tableRows(0, 10));
      const states = [{ stream: 'test', sequence: 1, position: 'at 1' }];
      expect(await store.streams('te')).toEqual(states);
      proxy.deafAfter = 0;
      await expect(store.streams('te')).rejects.toThrow(UnreachableError);
      expect(await store.streams('te')).toEqual(states);
      proxy.frozen = true;
      await expect(store.timeType('sip_capture')).rejects.toThrow(UnreachableError);
      proxy.cut();
      proxy.frozen = false;
      proxy.down = true;
      await expect(store.hasTable('sip_capture')).rejects.toThrow(UnreachableError);
      proxy.down = false;
      expect([await store.hasTable('sip_capture'), (await store.write(batch(2, tableRows(10, 20)))).outcome]).toEqual([true, 'stored']);
    });

    test('cut during maintenance: unreachable, with the message of the server', async () => {
      const session = await store.connected();
      proxy.deafAfter = 0;
      await expect(asServerError('the database', () => session.all('SELECT 1 AS one', []))).rejects.toThrow(UnreachableError);
      await expect(asServerError('the database', async () => (await store.connected()).all('SELECT 1 AS', []))).rejects.toThrow(UsageError);
    });

    test('a server that hangs times out and is retried', async () => {
      await store.write(batch(1, tableRows(0, 10)));
      proxy.frozen = true;
      expect((await store.write(batch(2, tableRows(10, 20)))).outcome).toBe('unavailable');
      proxy.frozen = false;
      let outcome = await store.write(batch(2, tableRows(10, 20)));
      for (let tries = 0; outcome.outcome === 'unavailable' && tries < 20; tries++)
        outcome = await store.write(batch(2, tableRows(10, 20)));
      expect(['stored', 'known']).toContain(outcome.outcome);
      expectEach(await callIds(), 20);
    });

    if (kind === 'postgresql')
      test('a connection whose server process is stopped is closed all the same', async () => {
        const direct = await loadStore(database.url, { answerMs: 1500 });
        await direct.open();
        const session = await direct.connected();
        const [{ pid }] = await session.all('SELECT pg_backend_pid() AS pid', []);
        process.kill(Number(pid), 'SIGSTOP');
        try {
          await direct.close();
        } finally {
          process.kill(Number(pid), 'SIGCONT');
        }
      });

    test('also one that hangs when a failed batch is rolled back', async () => {
      await put(1, tableRows(0, 10));
      const session = await store.connected();
      const [execute, close] = [session.execute.bind(session), session.close.bind(session)];
      session.execute = async (sql) => {
        if (sql === 'ROLLBACK') proxy.frozen = true;
        return execute(sql);
      };
      session.close = async () => {
        await close();
        proxy.cut();
        proxy.frozen = false;
      };
      await database.query('DROP TABLE sip_capture');
      expect((await store.write(batch(2, tableRows(10, 20)))).outcome).toBe('stored');
      expect(await callIds()).toHaveLength(10);
    });

    test(`${FAULTS} cuts at random bytes, in both directions`, async () => {
      const random = seeded(3);
      let next = 0;
      const sink = new BatchingSink({
        name: 'database',
        driver: store,
        log: silentLog,
        rows: numberedRows,
        batchRows: 100,
        batchBytes: 1e9,
        ageMs: 20,
        maxRows: 1e6,
        giveUpMs: 60_000,
        positions: () => [{ stream: 'import', position: String(next) }],
        sequences: new Map(),
        onRefused: () => {},
      });
      let faults = 0;
      while (faults < FAULTS) {
        const room = sink.accept(numberedMessage(next++));
        if (room) continue;
        if (random() < 0.3) {
          faults++;
          const kind = random();
          if (kind < 0.5) proxy.cutAfter = Math.floor(random() * 60_000);
          else if (kind < 0.8) proxy.deafAfter = Math.floor(random() * 300);
          else setTimeout(() => proxy.cut(), random() * 20);
        }
        await sink.ready();
      }
      proxy.cutAfter = proxy.deafAfter = Infinity;
      await sink.flush();
      expect(sink.counts()).toEqual({ delivered: next, written: next, refused: 0, waiting: 0, lost: 0, reasons: {} });
      expectEach(await callIds(), next);
      expect(proxy.connections).toBeGreaterThan(FAULTS / 2);
    }, 240_000);
  });
