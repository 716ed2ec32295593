/** Failover: a server that became read-only is abandoned, and the writable one is found, behind one address or among several. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { StoreBatch } from '../../src/lib/base/index.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { makeServer, query, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { Proxy } from '../rigs/proxy.js';
import { stream, tableRows } from '../rigs/rows.js';

const installed = serversInstalled();
if (installed.length === 0) test.skip('MariaDB or PostgreSQL is installed', () => {});

for (const kind of installed)
  describe(kind, () => {
    let servers: [PrivateServer, PrivateServer];
    let store: SqlStore;

    beforeAll(async () => {
      servers = [await makeServer(kind), await makeServer(kind)];
    }, 120_000);

    afterEach(async () => {
      await store.close();
      for (const server of servers) await setReadOnly(server, false);
    });

    afterAll(async () => {
      for (const server of servers) await server.remove();
    });

    const setReadOnly = async (server: PrivateServer, on: boolean) => {
      if (kind === 'mysql') await server.query(`SET GLOBAL read_only = ${on ? 1 : 0}`);
      else {
        await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
        await server.query('SELECT pg_reload_conf()');
        // The signal takes a moment to reach new sessions.
        for (let tries = 0; tries < 100; tries++) {
          const [{ default_transaction_read_only: now }] = await server.query('SHOW default_transaction_read_only');
          if ((now === 'on') === on) break;
        }
      }
    };
    const both = (parameters = '') => {
      const [first, second] = servers.map(({ url }) => new URL(url));
      return `${first.protocol}//${first.username}:${first.password}@${first.host},${second.host}${first.pathname}${parameters}`;
    };
    const rows = (from: number, name: string): StoreBatch => ({ rows: [tableRows(from, from + 5)], streams: [stream(1, '', name)] });
    const count = async (server: PrivateServer, from: number) =>
      Number(
        (
          await query(server.url, `SELECT count(*) AS n FROM sip_capture WHERE callid = 'call-${from}@127.0.0.1'`).catch(() => [{ n: 0 }])
        )[0].n,
      );
    /** Like a sink: retried until it is stored. */
    const persist = async (batch: StoreBatch) => {
      for (let tries = 1; ; tries++) {
        const outcome = await store.write(batch);
        if (outcome.outcome === 'stored') return tries;
        if (tries === 20) throw new Error(JSON.stringify(outcome));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };

    test('several hosts: the writable one is used, and abandoned when it becomes read-only', async () => {
      await setReadOnly(servers[0], true);
      store = await loadStore(both());
      await persist(rows(100, 'a'));
      expect([await count(servers[0], 100), await count(servers[1], 100)]).toEqual([0, 1]);
      await setReadOnly(servers[1], true);
      await setReadOnly(servers[0], false);
      expect(await persist(rows(110, 'b'))).toBeLessThan(5);
      expect([await count(servers[0], 110), await count(servers[1], 110)]).toEqual([1, 0]);
    });

    test('several hosts, the first not running', async () => {
      const url = new URL(servers[1].url);
      store = await loadStore(
        both()
          .replace(/@[^,]*,/, '@127.0.0.1:9,')
          .replace(/,[^/]*/, `,${url.host}`),
      );
      await persist(rows(120, 'c'));
      expect(await count(servers[1], 120)).toBe(1);
    });

    test('no writable host: each is named with its reason', async () => {
      for (const server of servers) await setReadOnly(server, true);
      store = await loadStore(both());
      await expect(store.open()).rejects.toThrow(
        /none of the 2 servers can be used: 127\.0\.0\.1:\d+: server is read-only; 127\.0\.0\.1:\d+: server is read-only$/,
      );
    });

    test('reading accepts a read-only server', async () => {
      store = await loadStore(servers[0].url);
      await store.open();
      await store.close();
      for (const server of servers) await setReadOnly(server, true);
      store = await loadStore(both(), { access: 'read' });
      expect(await store.hasTable('sipcap_position')).toBe(true);
    });

    test('one address that points to another server after the failover', async () => {
      const proxy = await Proxy.open(servers[0].url);
      store = await loadStore(proxy.through(servers[0].url));
      await persist(rows(130, 'd'));
      expect(await count(servers[0], 130)).toBe(1);
      // The old primary continues as a replica; its connections stay open.
      await setReadOnly(servers[0], true);
      proxy.retarget(servers[1].url);
      expect(await persist(rows(140, 'e'))).toBeLessThan(5);
      expect([await count(servers[0], 140), await count(servers[1], 140)]).toEqual([0, 1]);
      await store.close();
      await proxy.close();
    });
  });
