/** The real programs: a collector restarted cleanly under traffic gets each packet once; a resetting target does not delay exit. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../rigs/free-port.js';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, start, summary, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => {
  killAll();
  folder.remove();
});

/** Numbered packets until told to stop; resolves to how many. */
function traffic(port: number): { stop(): Promise<number> } {
  const socket = createSocket('udp4');
  const message = (sipMessages(1) as Buffer[])[0].toString('latin1');
  let sent = 0;
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      const packet = hep3(Buffer.from(message.replace('\r\n', `\r\nX-Number: ${sent}\r\n`), 'latin1'), sent) as Buffer;
      await new Promise((next) => socket.send(packet, port, '127.0.0.1', next));
      sent++;
      await sleep(2);
    }
    socket.close();
    return sent;
  })();
  return {
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** Waits until that many rows are there. */
async function stored(database: string, rows: number): Promise<number> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const found = await count(database).catch(() => 0); // no table yet
    if (found >= rows) return found;
    if (waitedMs > 30_000) throw new Error(`${found} of ${rows} rows`);
    await sleep(100);
  }
}

test('a collector restarted three times under traffic stores each packet exactly once', async () => {
  const port = await freePort();
  const database = at('once.db');
  const collect = () => start(['hep', 'listen', `hep_tcp:127.0.0.1:${port}`, '--db', `sqlite:${database}`, '--summary', 'json']);
  const found: number[] = [];
  /** Ends it cleanly: it has stored what it received. */
  const end = async () => {
    collector.child.kill('SIGTERM');
    const sums = summary(await collector.ended);
    expect(sums.sinks).toMatchObject([{ written: sums.messages.found, waiting: 0, lost: 0, refused: 0 }]);
    found.push(sums.messages.found);
  };
  let collector = collect();
  await portOf(collector);
  const relay = start(['hep', 'relay', '--from', 'hep_udp:127.0.0.1:0', '--to', `hep_tcp:127.0.0.1:${port}`, '--spool', at('spool')]);
  const flow = traffic(await portOf(relay));
  for (let i = 0; i < 3; i++) {
    await stored(database, (await stored(database, 0)) + 100);
    await end();
    collector = collect();
    await portOf(collector);
  }
  const sent = await flow.stop();
  await stored(database, sent);
  relay.child.kill('SIGTERM');
  await relay.ended;
  await end();
  expect(found.reduce((sum, count) => sum + count, 0)).toBe(sent);
  expect(await query(database, 'SELECT count(*) AS n, count(DISTINCT msg) AS different FROM sip_capture')).toEqual([
    { n: sent, different: sent },
  ]);
}, 120_000);

test('SIGTERM ends a relay whose target resets every connection; nothing counts as written, all is in the spool', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    setTimeout(() => socket.resetAndDestroy(), 5);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const spool = at('spool-reset');
  const relay = start([
    'hep',
    'relay',
    '--from',
    'hep_udp:127.0.0.1:0',
    '--to',
    `hep_tcp:127.0.0.1:${port}`,
    '--spool',
    spool,
    '--summary',
    'json',
  ]);
  const flow = traffic(await portOf(relay));
  await sleep(1500);
  const sent = await flow.stop();
  const begun = performance.now();
  relay.child.kill('SIGTERM');
  const ended = await relay.ended;
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(summary(ended).sinks).toMatchObject([{ delivered: sent, written: 0, waiting: sent, lost: 0 }]);
  server.close();
}, 60_000);
