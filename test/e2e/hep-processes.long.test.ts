/** `hep listen --processes` when its processes are killed, hang, or lose their parent, and when their number changes. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { SERVERS_ARE_MISSING, databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { freePort } from '../rigs/free-port.js';
import { closeReceivers, portOf, tcpReceiver } from '../rigs/hep-receivers.js';
import { isAlive, listen, processesOf, sendTcp } from '../rigs/processes.js';
import { Proxy } from '../rigs/proxy.js';
import { killAll, sipcap, start, summary, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const packets = (count: number) => (sipMessages(count) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);

afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

async function stored(database: TestDatabase): Promise<{ rows: number; messages: number }> {
  const sql = 'SELECT count(*) AS n, count(DISTINCT msg) AS messages FROM sip_capture';
  const [row] = await database.query(sql).catch(() => [{ n: 0, messages: 0 }]);
  return { rows: Number(row.n), messages: Number(row.messages) };
}

async function restarted(running: Running, index: number, before: number): Promise<void> {
  await until(() => (processesOf(running).get(index) ?? before) !== before, `process ${index} to run again`, 60_000);
}

(SERVERS_ARE_MISSING ? describe.skip : describe)('processes', () => {
  test.each(['mysql', 'postgresql'] as const)(
    'SIGKILL of each of two under TCP from relays with identities: nothing lost, nothing doubled (%s)',
    async (kind) => {
      const MESSAGES = 2000;
      const database = await databaseMakers()
        .find((maker) => maker.kind === kind)!
        .make();
      const running = await listen(['hep_tcp:127.0.0.1:0', '--processes', '2', '--db', database.url]);
      const to = `hep_tcp:127.0.0.1:${await portOf(running, 'tcp')}`;
      // Two relays are one address: they share a process, and both are killed.
      const relay = start(['hep', 'relay', '--from', 'hep_tcp:127.0.0.1:0', '--to', to, '--hep-identity', 'always', '--summary', 'json']);
      const port = await portOf(relay, 'tcp');
      let sent = 0;
      const sending = (async () => {
        for (const packet of packets(MESSAGES)) {
          await sendTcpPiece(port, packet);
          sent++;
        }
      })();
      for (let kills = 1; kills <= 4; kills++) {
        await until(() => sent >= (kills * MESSAGES) / 5, 'traffic', 120_000);
        const index = kills % 2;
        const pid = processesOf(running).get(index)!;
        process.kill(pid, 'SIGKILL');
        await restarted(running, index, pid);
      }
      await sending;
      closePiece();
      await until(async () => (await stored(database)).messages === MESSAGES, 'all messages', 60_000);
      relay.child.kill('SIGTERM');
      await relay.ended;
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      const all = summary(ended);
      expect([await stored(database), all.accounting_errors]).toEqual([{ rows: MESSAGES, messages: MESSAGES }, []]);
      expect(all.notes).toMatchObject({ process_died: 4, process_restarted: 4 });
      expect(ended.stderr.match(/died \(SIGKILL\); starting it again/g)).toHaveLength(4);
      await database.drop();
    },
    300_000,
  );

  test('SIGINT; the spool of a process that is no more; a process that hangs at the end; a parent that is killed', async () => {
    const database = await databaseMakers()[1].make();
    const proxy = await Proxy.open(database.url);
    const spool = join(folder.path, 'spool');
    const place = `hep_tcp:127.0.0.1:${await freePort()}`;
    const args = [place, '--db', proxy.through(database.url), '--spool', spool, '--drain-deadline', '2s'];
    const port = Number(place.split(':').at(-1));
    // Four senders, one for each process; the database is away.
    const first = await listen([...args, '--processes', '4']);
    proxy.down = true;
    proxy.cut();
    await Promise.all([1, 2, 3, 4].map((i) => sendTcp(port, Buffer.concat(packets(400).slice(100 * i - 100, 100 * i)), `127.0.2.${i}`)));
    await sleep(1000);
    first.child.kill('SIGINT');
    const left = await first.ended;
    expect([left.code, summary(left).accounting_errors, summary(left).sinks[0]]).toEqual([
      4,
      [],
      expect.objectContaining({ delivered: 400, written: 0, waiting: 400, lost: 0 }),
    ]);
    // Two now: the first delivers for 2 and 3.
    proxy.down = false;
    const second = await listen([...args, '--processes', '2']);
    await until(async () => (await stored(database)).messages === 400, 'the backlog', 60_000);
    // One hangs: it is killed, and the others end as they should.
    process.kill(processesOf(second).get(1)!, 'SIGSTOP');
    second.child.kill('SIGTERM');
    const hung = await second.ended;
    expect([hung.code, summary(hung).accounting_errors, hung.stderr]).toEqual([
      4,
      [],
      expect.stringMatching(/process 1 has not ended in time: killed/),
    ]);
    expect(summary(hung).sinks.map(({ sink }) => sink)).toEqual(['database', 'database (child-2)', 'database (child-3)']);
    expect(await stored(database)).toEqual({ rows: 400, messages: 400 });
    // The parent is killed: its processes write what they have, and end.
    const third = await listen([...args, '--processes', '2']);
    const pids = [...processesOf(third).values()];
    await sendTcp(port, Buffer.concat(packets(500).slice(400)), '127.0.2.9');
    third.child.kill('SIGKILL');
    await until(() => !pids.some(isAlive), 'the processes to end', 30_000);
    expect(await stored(database)).toEqual({ rows: 500, messages: 500 });
    await proxy.close();
    await database.drop();
  }, 240_000);

  test('relay targets away: the spools of both processes deliver, also when a single one is left', async () => {
    const [target, port] = [await freePort(), await freePort()];
    const database = await databaseMakers()[1].make();
    const spool = join(folder.path, 'relays');
    const args = [`hep_tcp:127.0.0.1:${port}`, '--db', database.url, '--hep', `hep_tcp:127.0.0.1:${target}`, '--spool', spool];
    const all = packets(400);
    const first = await listen([...args, '--drain-deadline', '1s', '--processes', '2']);
    await Promise.all([0, 1].map((i) => sendTcp(port, Buffer.concat(all.slice(150 * i, 150 * i + 150)), `127.0.2.${i + 1}`)));
    await until(async () => (await stored(database)).messages === 300, 'the rows', 60_000);
    first.child.kill('SIGTERM');
    const left = await first.ended;
    expect([left.code, summary(left).accounting_errors, summary(left).sinks.map(({ waiting, lost }) => [waiting, lost])]).toEqual([
      4,
      [],
      [
        [0, 0],
        [300, 0],
      ],
    ]);
    expect((await sipcap(['hep', 'spool', spool])).stdout).toMatch(/child-1/);
    // Two again, one of which is killed, then one: its spool is emptied by the first.
    const second = await listen([...args, '--drain-deadline', '1s', '--processes', '2']);
    await Promise.all([0, 1].map((i) => sendTcp(port, Buffer.concat(all.slice(300 + 50 * i, 350 + 50 * i)), `127.0.2.${i + 1}`)));
    await until(async () => (await stored(database)).messages === 400, 'the rows', 60_000);
    await sleep(1500);
    const pid = processesOf(second).get(1)!;
    process.kill(pid, 'SIGKILL');
    await restarted(second, 1, pid);
    second.child.kill('SIGTERM');
    await second.ended;
    const { got } = await tcpReceiver(target);
    const third = start(['hep', 'listen', ...args, '--summary', 'json']);
    await until(() => new Set(got.map((packet) => packet.toString('latin1'))).size === 400, `everything: ${got.length}`, 60_000);
    third.child.kill('SIGTERM');
    const ended = await third.ended;
    expect([ended.code, summary(ended).accounting_errors, got.length]).toEqual([0, [], 400]);
    await database.drop();
  }, 240_000);

  test('one that hangs gets no more connections, is killed, and what comes meanwhile is stored', async () => {
    const database = await databaseMakers()[2].make();
    const running = await listen(['hep_tcp:127.0.0.1:0', '--processes', '2', '--db', database.url]);
    const port = await portOf(running, 'tcp');
    const all = packets(400);
    const part = (i: number) => Buffer.concat(all.slice(100 * i, 100 * i + 100));
    await Promise.all([0, 1].map((i) => sendTcp(port, part(i), `127.0.2.${i + 1}`)));
    await until(async () => (await stored(database)).messages === 200, 'the first messages', 60_000);
    const hung = processesOf(running).get(1)!;
    process.kill(hung, 'SIGSTOP');
    await until(() => running.logged().includes('process 1 has not answered for 10 s: new connections go to the others'), 'it', 20_000);
    await Promise.all([2, 3].map((i) => sendTcp(port, part(i), `127.0.2.${i - 1}`)));
    await until(async () => (await stored(database)).messages === 400, 'messages of both senders', 10_000);
    expect(isAlive(hung)).toBe(true);
    await until(() => running.logged().includes('process 1 has not answered for 30 s: killed'), 'its end', 30_000);
    await restarted(running, 1, hung);
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([ended.code, summary(ended).accounting_errors, await stored(database)]).toEqual([0, [], { rows: 400, messages: 400 }]);
    expect(summary(ended).notes).toMatchObject({ process_hung: 1, process_died: 1, process_restarted: 1 });
    await database.drop();
  }, 120_000);

  test('UDP: a process that is killed takes nothing along but what it had; many sockets reach all processes', async () => {
    const database = await databaseMakers()[2].make();
    const running = await listen(['hep_udp:127.0.0.1:0', '--processes', '2', '--db', database.url]);
    const port = await portOf(running, 'udp');
    const { sendUdp } = await import('../rigs/processes.js');
    const all = packets(1000);
    for (let i = 0; i < 500; i += 10) await sendUdp(port, all.slice(i, i + 10));
    await until(async () => (await stored(database)).messages === 500, 'the first half', 60_000);
    await sleep(1500);
    const pid = processesOf(running).get(0)!;
    process.kill(pid, 'SIGKILL');
    // Its socket is closed by then, which it is not yet when the process is gone from /proc.
    await until(() => running.logged().includes('process 0 died (SIGKILL)'), 'its end');
    for (let i = 500; i < 1000; i += 10) await sendUdp(port, all.slice(i, i + 10));
    await until(async () => (await stored(database)).messages === 1000, 'the second half', 60_000);
    await restarted(running, 0, pid);
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([summary(ended).accounting_errors, summary(ended).sinks[0]]).toEqual([
      [],
      expect.objectContaining({ delivered: 1000, written: 1000 }),
    ]);
    await database.drop();
  }, 240_000);
});

let piece: import('node:net').Socket | null = null;

/** Over one connection. */
async function sendTcpPiece(port: number, packet: Buffer): Promise<void> {
  const { connect } = await import('node:net');
  if (piece === null) {
    piece = connect(port, '127.0.0.1');
    await new Promise((done) => piece!.once('connect', done));
  }
  if (!piece.write(packet)) await new Promise((done) => piece!.once('drain', done));
  await sleep(2);
}

function closePiece(): void {
  piece?.end();
  piece = null;
}
