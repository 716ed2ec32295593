/** `hep listen --db --spool` while the server is killed, frozen and down at startup: every message is stored exactly once. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { makeServer, query, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, sipcap, start, summary, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const COUNT = 2000;
const packets = (sipMessages(COUNT) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const folder = temporaryFolder();
const servers: PrivateServer[] = [];
let runs = 0;

afterEach(killAll);
afterAll(async () => {
  for (const server of servers) await server.remove();
  folder.remove();
});

function send(port: number, from: number, to: number): Promise<void> {
  return sendBytes(port, Buffer.concat(packets.slice(from, to)));
}

function sendBytes(port: number, bytes: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', fail).on('close', () => done());
    socket.end(bytes);
  });
}

async function rows(server: PrivateServer): Promise<{ all: number; distinct: number }> {
  try {
    const [row] = await query(server.url, 'SELECT count(*) AS n, count(DISTINCT msg) AS d FROM sip_capture');
    return { all: Number(row.n), distinct: Number(row.d) };
  } catch {
    return { all: 0, distinct: 0 };
  }
}

async function untilRows(server: PrivateServer, wanted: number): Promise<void> {
  for (let tries = 0; (await rows(server)).all < wanted; tries++) {
    if (tries > 150) throw new Error(`only ${JSON.stringify(await rows(server))} of ${wanted} rows`);
    await sleep(100);
  }
}

function listen(server: PrivateServer, spool: string, ...more: string[]): Running {
  return start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', server.url, '--spool', spool, '--summary', 'json', ...more]);
}

/** The packet with an authentication key (chunk 0x000e). */
function withKey(packet: Buffer, key: string): Buffer {
  const chunk = Buffer.from(`\0\0\0\x0e\0\0${key}`, 'latin1');
  chunk.writeUInt16BE(chunk.length, 4);
  const all = Buffer.concat([packet, chunk]);
  all.writeUInt16BE(all.length, 4);
  return all;
}

async function stop(running: Running): Promise<{ code: number | null; logged: string; all: ReturnType<typeof summary> }> {
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  return { code: ended.code, logged: ended.stderr, all: summary(ended) };
}

describe.each(serversInstalled())('%s', (kind) => {
  async function server(): Promise<PrivateServer> {
    const made = servers.find((one) => one.kind === kind) ?? (await makeServer(kind));
    if (!servers.includes(made)) servers.push(made);
    for (const table of ['sip_capture', 'sipcap_table', 'sipcap_position', 'sipcap_schema'])
      await query(made.url, `DROP TABLE IF EXISTS ${table}`);
    return made;
  }
  const spoolFolder = () => `${folder.path}/spool-${runs++}`;

  test('stopped while the server hangs, with batches in flight and no time to wait: they are stored at the next start', async () => {
    const database = await server();
    const spool = spoolFolder();
    const first = listen(database, spool, '--drain-deadline', '0.2s');
    const port = await portOf(first, 'tcp', 30_000);
    await send(port, 0, COUNT / 2);
    await untilRows(database, COUNT / 2);
    database.freeze();
    await send(port, COUNT / 2, COUNT);
    const { code, all } = await stop(first).finally(() => database.thaw());
    const { undecoded } = all.frames as unknown as { undecoded: number };
    const [{ waiting, lost }] = all.sinks;
    expect([code, all.accounting_errors, waiting + undecoded, lost]).toEqual([4, [], COUNT / 2, 0]);
    const next = listen(database, spool);
    await untilRows(database, COUNT);
    await until(() => next.logged().includes('the spool is empty'), `the end of the backlog: ${next.logged()}`, 30_000);
    expect((await stop(next)).code).toBe(0);
    expect(await rows(database)).toEqual({ all: COUNT, distinct: COUNT });
  }, 60_000);

  test('server killed under traffic, then our own process: everything is recovered', async () => {
    const database = await server();
    const spool = spoolFolder();
    const first = listen(database, spool);
    const port = await portOf(first, 'tcp');
    await send(port, 0, 500);
    await untilRows(database, 500);
    const sending = send(port, 500, 1000);
    await database.kill();
    await sending;
    await send(port, 1000, 1300);
    await until(() => first.logged().includes('spooling rows'), 'the spool');
    await sleep(800);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = listen(database, spool);
    const next = await portOf(second, 'tcp');
    await until(() => second.logged().includes('retrying'), 'the retry');
    await send(next, 1300, COUNT);
    await sleep(500);
    await database.start();
    await untilRows(database, COUNT);
    await sleep(300);
    const { code, all } = await stop(second);
    expect(await rows(database)).toEqual({ all: COUNT, distinct: COUNT });
    expect(code).toBe(0);
    expect(all.accounting_errors).toEqual([]);
    const [sink] = all.sinks as unknown as { before: number; written: number; waiting: number; lost: number; delivered: number }[];
    expect(sink).toMatchObject({ waiting: 0, lost: 0 });
    // What the first process kept undecoded is delivered by the second.
    expect(sink.delivered).toBeGreaterThanOrEqual(700);
    expect(sink.before + sink.delivered).toBe(sink.written);
  }, 90_000);

  test('frozen during writes, repeatedly: nothing is stored twice, and every row is intact', async () => {
    const database = await server();
    const running = listen(database, spoolFolder());
    const port = await portOf(running, 'tcp');
    await send(port, 0, 200);
    await untilRows(database, 200);
    // A batch in flight when the patience expires must not change while the database uses it.
    for (let from = 200; from < 1800; from += 400) {
      database.freeze();
      await send(port, from, from + 400);
      await sleep(600);
      database.thaw();
      await sleep(150);
    }
    await send(port, 1800, COUNT);
    await untilRows(database, COUNT);
    const { code, all } = await stop(running);
    expect(await rows(database)).toEqual({ all: COUNT, distinct: COUNT });
    expect({
      code,
      broken: all.accounting_errors,
      waiting: all.sinks[0].waiting,
      lost: all.sinks[0].lost,
      written: all.sinks[0].written,
    }).toEqual({ code: 0, broken: [], waiting: 0, lost: 0, written: COUNT });
  }, 60_000);

  test('stopped while the server is down: exit code 4, the backlog is reported, and `db drain` stores it', async () => {
    const database = await server();
    const spool = spoolFolder();
    await database.kill();
    const running = listen(database, spool);
    await send(await portOf(running, 'tcp'), 0, 300);
    await sleep(700);
    const { code, logged, all } = await stop(running);
    expect({ code, broken: all.accounting_errors, waiting: all.sinks[0].waiting }).toEqual({ code: 4, broken: [], waiting: 300 });
    expect(logged).toMatch(/batches of rows that remain in the spool: \d/);
    const still = await sipcap(['db', 'drain', '--db', database.url, '--spool', spool]);
    expect({ code: still.code, logged: /remain in/.test(still.stderr) }).toEqual({ code: 4, logged: true });
    await database.start();
    const drained = await sipcap(['db', 'drain', '--db', database.url, '--spool', spool]);
    expect(drained).toMatchObject({ code: 0, stdout: '300 rows stored, 0 refused, 0 lost, 0 batches left\n' });
    expect(await rows(database)).toEqual({ all: 300, distinct: 300 });
  }, 60_000);

  test('packets without the key are never spooled, and `db drain` stores none of them', async () => {
    const database = await server();
    const spool = spoolFolder();
    await database.kill();
    const running = listen(database, spool, '--auth-key', 'secret');
    const port = await portOf(running, 'tcp');
    const good = (from: number, to: number) => Buffer.concat(packets.slice(from, to).map((packet) => withKey(packet, 'secret')));
    const forged = (from: number, to: number) => Buffer.concat(packets.slice(from, to).map((packet) => withKey(packet, 'Secret')));
    await sendBytes(port, good(0, 50));
    await until(() => running.logged().includes('database unavailable'), 'the outage');
    await sleep(400);
    await sendBytes(port, forged(500, 1500));
    await sendBytes(port, good(50, 100));
    await send(port, 1500, COUNT); // no key at all
    await sleep(400);
    const { all } = await stop(running);
    expect(all.accounting_errors).toEqual([]);
    expect(all.messages).toMatchObject({ rejected: { bad_auth_key: 1500 } });
    await database.start();
    const drained = await sipcap(['db', 'drain', '--db', database.url, '--spool', spool]);
    expect(drained).toMatchObject({ code: 0, stdout: '100 rows stored, 0 refused, 0 lost, 0 batches left\n' });
    expect(await rows(database)).toEqual({ all: 100, distinct: 100 });
  }, 60_000);

  test('stopped while the server hangs: exits by the deadline, and nothing is lost', async () => {
    const database = await server();
    const spool = spoolFolder();
    const running = listen(database, spool);
    const port = await portOf(running, 'tcp');
    await send(port, 0, 200);
    await untilRows(database, 200);
    database.freeze();
    let ended: Awaited<ReturnType<typeof stop>>;
    const began = process.hrtime.bigint();
    try {
      await send(port, 200, 600);
      ended = await stop(running);
    } finally {
      database.thaw();
    }
    expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(25);
    expect({ code: ended.code, broken: ended.all.accounting_errors, lost: ended.all.sinks[0].lost }).toEqual({
      code: 4,
      broken: [],
      lost: 0,
    });
    const drained = await sipcap(['db', 'drain', '--db', database.url, '--spool', spool]);
    expect(drained.code).toBe(0);
    expect(await rows(database)).toEqual({ all: 600, distinct: 600 });
  }, 60_000);
});
