/** Real servers that are killed, restarted, made read-only, locked and filled up under traffic: each row is stored exactly once. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '../../src/lib/base/index.js';
import { BatchingSink } from '../../src/lib/sink/batch/batching-sink.js';
import { loadStore } from '../../src/lib/store/index.js';
import { expectEach, numberedMessage, numberedRows } from './numbered.js';
import { connect, makeServer, query, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { seeded } from '../rigs/random.js';

const KILLS = process.env.SIPCAP_LONG === undefined ? 3 : 25;
const installed = serversInstalled();

if (installed.length === 0) test.skip('MariaDB or PostgreSQL is installed', () => {});

for (const kind of installed)
  describe(kind, () => {
    let server: PrivateServer;
    let sink: BatchingSink;
    let next: number;
    let logged: string[];

    beforeAll(async () => {
      server = await makeServer(kind);
    }, 60_000);

    afterAll(() => server.remove());

    beforeEach(async () => {
      next = 0;
      logged = [];
      for (const table of ['sip_capture', 'sipcap_position', 'sipcap_table', 'sipcap_schema'])
        await query(server.url, `DROP TABLE IF EXISTS ${table}`);
      const store = await loadStore(server.url);
      await store.makeTable('sip_capture', 'sip_capture');
      sink = new BatchingSink({
        name: 'database',
        driver: store,
        log: { ...silentLog, warn: (text) => logged.push(text) },
        rows: numberedRows,
        batchRows: 100,
        batchBytes: 1e9,
        ageMs: 20,
        maxRows: 1e6,
        giveUpMs: Infinity,
        positions: () => [{ stream: 'live', position: '' }],
        sequences: new Map(),
        onRefused: () => {},
      });
    });

    afterEach(() => sink.close());

    /** Rows arrive continuously, as from a live source, until `work` is done; then all of them must be stored once. */
    const underTraffic = async (work: () => Promise<void>) => {
      const traffic = setInterval(() => {
        for (let i = 0; i < 20; i++) sink.accept(numberedMessage(next++));
      }, 10);
      try {
        await sleep(100);
        await work();
        await sleep(100);
      } finally {
        clearInterval(traffic);
      }
      await sink.flush();
      expect(sink.counts()).toEqual({ delivered: next, written: next, refused: 0, waiting: 0, lost: 0, reasons: {} });
      expectEach(
        (await query(server.url, 'SELECT callid FROM sip_capture')).map(({ callid }) => callid),
        next,
      );
    };

    test(`killed with SIGKILL and started again, ${KILLS} times`, async () => {
      const random = seeded(11);
      await underTraffic(async () => {
        for (let kill = 0; kill < KILLS; kill++) {
          await server.kill();
          await sleep(random() * 300);
          await server.start();
          await sleep(300 + random() * 300);
        }
      });
      expect(logged.length).toBeGreaterThan(0);
    }, 300_000);

    test('read-only for a while', async () => {
      const set = async (on: boolean) => {
        if (kind === 'mysql') {
          await server.query(`SET GLOBAL read_only = ${on ? 1 : 0}`);
          return;
        }
        await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
        await server.query('SELECT pg_reload_conf()');
      };
      await underTraffic(async () => {
        await set(true);
        await sleep(600);
        await set(false);
      });
      expect(logged[0]).toMatch(/read-only/);
    }, 60_000);

    if (kind === 'postgresql')
      test('read-only for new sessions: reconnects until it may write', async () => {
        const set = (on: boolean) => server.query(`ALTER DATABASE sipcap SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
        const end = () => server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sipcap'");
        await underTraffic(async () => {
          await set(true);
          await end();
          await sleep(1500);
          await set(false);
        });
        expect(logged.length).toBeGreaterThan(0);
      }, 60_000);

    // The wait for a lock ends after ten seconds.
    test.each(process.env.SIPCAP_LONG === undefined ? [500] : [500, 12_000])(
      'the table locked by another client for %d ms',
      async (ms) => {
        await underTraffic(async () => {
          const other = await connect(server.url);
          for (const sql of kind === 'mysql' ? ['LOCK TABLES sip_capture WRITE'] : ['BEGIN', 'LOCK TABLE sip_capture'])
            await other.query(sql);
          await sleep(ms);
          expect(sink.counts().waiting).toBeGreaterThan(0);
          await other.query(kind === 'mysql' ? 'UNLOCK TABLES' : 'COMMIT');
          await other.end();
        });
        expect(logged.length > 0).toBe(ms > 10_000);
      },
      60_000,
    );

    test('a deadlock with another client, with us as the victim', async () => {
      await query(server.url, 'CREATE TABLE weight (n INT)');
      await underTraffic(async () => {
        const other = await connect(server.url);
        await other.query('BEGIN');
        // MariaDB gives up the transaction that changed less, PostgreSQL the one that waits longest.
        await other.query(`INSERT INTO weight (n) VALUES ${Array.from({ length: 5000 }, (_, n) => `(${n})`).join(',')}`);
        await other.query(
          kind === 'mysql' ? 'SELECT count(*) FROM sip_capture WHERE id > 0 FOR UPDATE' : 'LOCK TABLE sip_capture IN EXCLUSIVE MODE',
        );
        // Our transaction holds its position by now and waits for the table; the other wants the position.
        await sleep(400);
        await other.query("UPDATE sipcap_position SET updated = updated WHERE stream = 'live'");
        await other.query('COMMIT');
        await other.end();
      });
      expect(logged[0]).toMatch(/deadlock/i);
      await query(server.url, 'DROP TABLE weight');
    }, 60_000);

    test('connections ended by the administrator', async () => {
      await underTraffic(async () => {
        for (let round = 0; round < 5; round++) {
          const ids = await server.query(
            kind === 'mysql'
              ? "SELECT id FROM information_schema.processlist WHERE user = 'sipcap'"
              : "SELECT pid AS id FROM pg_stat_activity WHERE application_name = 'sipcap'",
          );
          for (const { id } of ids)
            await server
              .query(kind === 'mysql' ? `KILL ${String(id)}` : `SELECT pg_terminate_backend(${String(id)})`)
              .catch((error: Error) => {
                // One that ended meanwhile is gone as well.
                if (!error.message.startsWith('Unknown thread id')) throw error;
              });
          await sleep(150);
        }
      });
    }, 60_000);

    test('disk full, then enlarged', async () => {
      const disk = join(server.folder, 'disk');
      const user = kind === 'mysql' ? 'mysql' : 'postgres';
      try {
        mkdirSync(disk);
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=777', 'tmpfs', disk], { stdio: 'ignore' });
      } catch {
        console.warn('skipped: this user may not mount a small disk');
        return;
      }
      try {
        await query(server.url, 'DROP TABLE sip_capture');
        const where = join(disk, 'd');
        mkdirSync(where);
        execFileSync('chown', ['-R', `${user}:`, where]);
        if (kind === 'mysql') {
          await server.query(
            `CREATE TABLE sipcap.sip_capture (callid VARCHAR(100), msg MEDIUMBLOB, method VARCHAR(9000)) ENGINE=InnoDB DATA DIRECTORY='${where}'`,
          );
        } else {
          await server.query(`CREATE TABLESPACE small LOCATION '${where}'`);
          await query(server.url, 'CREATE TABLE sip_capture (callid VARCHAR(100), msg BYTEA, method TEXT) TABLESPACE small');
        }
        const padding = 'm'.repeat(kind === 'mysql' ? 4000 : 1000);
        const push = numberedRows.push;
        numberedRows.push = (message, into, at) => {
          push(message, into, at);
          into[at + numberedRows.columns(message).indexOf('method')] = padding;
        };
        await underTraffic(async () => {
          for (let tries = 0; logged.length === 0 && tries < 600; tries++) await sleep(50);
          execFileSync('mount', ['-o', 'remount,size=512m', disk]);
        });
        numberedRows.push = push;
        expect(logged[0]).toMatch(/full|No space left/);
      } finally {
        await sink.close();
        await query(server.url, 'DROP TABLE IF EXISTS sip_capture');
        if (kind === 'postgresql') await server.query('DROP TABLESPACE IF EXISTS small').catch(() => {});
        await server.kill();
        execFileSync('umount', [disk]);
        await server.start();
      }
    }, 120_000);
  });
