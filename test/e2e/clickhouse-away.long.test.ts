/** One of two shards is away for a minute under traffic: the other gets its messages as if nothing were, and later nothing is missing. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../rigs/clickhouse.js';
import { freePort } from '../rigs/free-port.js';
import { serveIn, stop } from '../rigs/serving.js';
import { killAll, sipcap, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const PER_SECOND = 70;
const AWAY_SECONDS = 60;
const SECONDS = AWAY_SECONDS + 10;
const messages = sipMessages(PER_SECOND * SECONDS) as Buffer[];

const servers: ClickhouseServer[] = [];

afterAll(async () => {
  killAll();
  for (const server of servers) await server.remove();
  folder.remove();
});

(clickhouseInstalled() ? describe : describe.skip)('a shard away for a minute', () => {
  test.each(['killed', 'frozen'] as const)(
    '%s',
    async (how) => {
      const [here, away] = await Promise.all([makeClickhouse(), makeClickhouse()]);
      servers.push(here, away);
      const db = `clickhouse://sipcap:capture@${here.place};${away.place}/sipcap`;
      const [port, web] = [await freePort(), await freePort()];
      const running = await serveIn(
        folder.path,
        `${how}.yaml`,
        `socket: [hep_tcp:127.0.0.1:${port}]\ndb_url: "${db}"\nspool: {directory: ${join(folder.path, how)}}\nmetrics: {listen: "127.0.0.1:${web}"}\n`,
      );
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      let sent = 0;
      const begun = Date.now();
      const sending = (async () => {
        while (sent < messages.length) {
          socket.write(hep3(messages[sent], sent) as Buffer);
          sent++;
          const due = begun + (sent / PER_SECOND) * 1000;
          if (due > Date.now()) await sleep(due - Date.now());
        }
        socket.end();
        await once(socket, 'close');
      })();
      await until(async () => (await rowsOf(away)) > 0 && (await rowsOf(here)) > 0, 'the first rows', 30_000);
      if (how === 'killed') await away.kill();
      else away.freeze();
      const until60 = Date.now() + AWAY_SECONDS * 1000;
      await sleep(10_000);
      // Each look of a second or so finds more rows than the one before.
      let last = await rowsOf(here);
      let looks = 0;
      while (Date.now() < until60) {
        await sleep(2000);
        const now = await rowsOf(here);
        expect(now).toBeGreaterThan(last);
        last = now;
        looks++;
      }
      expect(looks).toBeGreaterThan(15);
      const metrics = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
      const waiting = [...metrics.matchAll(/^sipcap_shard_waiting\{output="database",shard="([^"]*)"\} (\d+)/gm)].map(([, name, count]) => [
        name,
        +count,
      ]);
      expect(waiting).toEqual([
        [expect.stringContaining(here.place), expect.any(Number)],
        [expect.stringContaining(away.place), expect.any(Number)],
      ]);
      expect(waiting[0][1]).toBeLessThan(3 * PER_SECOND);
      expect(waiting[1][1]).toBeGreaterThan(AWAY_SECONDS * PER_SECOND * 0.3);
      const partial = await sipcap(['call', 'list', '--db', db, '--format', 'json', '--limit', '3']);
      expect([partial.code, partial.stderr]).toEqual([4, expect.stringContaining(away.place)]);
      if (how === 'killed') await away.start();
      else away.thaw();
      await sending;
      const all = async () => (await rowsOf(here)) + (await rowsOf(away));
      await until(async () => (await all()) === messages.length, 'all rows', 60_000);
      const ended = await stop(running);
      expect([ended.code, ended.all.accounting_errors, await all()]).toEqual([0, [], messages.length]);
    },
    240_000,
  );
});

/** After merging. */
async function rowsOf(server: ClickhouseServer): Promise<number> {
  const found = await server.query("SELECT 1 AS one FROM system.tables WHERE database = 'sipcap' AND name = 'sip_capture'");
  return found.length === 0 ? 0 : Number((await server.query('SELECT count() AS n FROM sip_capture FINAL'))[0].n);
}
