/** `hep listen --processes`: UDP, TCP and TLS shared by processes, and errors reported once. Kills: hep-processes.long.test.ts. */
import { fork, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { SERVERS_ARE_MISSING, databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { freePort } from '../rigs/free-port.js';
import { closeReceivers, portOf, tcpReceiver } from '../rigs/hep-receivers.js';
import { listen, processesOf, sendTcp, sendUdp } from '../rigs/processes.js';
import { killAll, sipcap, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const messages = sipMessages(900) as Buffer[];
const packets = messages.map((message, i) => hep3(message, i) as Buffer);
const certificate = ['--tls-cert', at('node.crt'), '--tls-key', at('node.key')];
const KINDS = process.env.SIPCAP_LONG === undefined ? (['mysql'] as const) : (['mysql', 'postgresql'] as const);
const withServers = SERVERS_ARE_MISSING ? describe.skip : describe;

beforeAll(() => {
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=node',
    '-keyout',
    at('node.key'),
    '-out',
    at('node.crt'),
  ]);
  expect(made.status).toBe(0);
});

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

withServers('two processes', () => {
  test.each(KINDS)(
    'UDP, TCP and TLS into %s: all stored once, in the order of each sender',
    async (kind) => {
      const database = await databaseMakers()
        .find((maker) => maker.kind === kind)!
        .make();
      const relayedTo = await freePort();
      const { got } = await tcpReceiver(relayedTo);
      const target = ['--hep', `hep_tcp:127.0.0.1:${relayedTo}`];
      const places = ['hep_udp:127.0.0.1:0', 'hep_tcp:127.0.0.1:0', 'hep_tls:127.0.0.1:0'];
      const running = await listen([...places, ...certificate, '--processes', '2', '--db', database.url, ...target]);
      expect(running.logged().match(/listening on/g)).toHaveLength(3);
      expect([...processesOf(running).keys()]).toEqual([0, 1]);
      const [udp, tcp, tls] = [await portOf(running, 'udp'), await portOf(running, 'tcp'), await portOf(running, 'tls')];
      // 18 senders of 50 messages.
      const parts = Array.from({ length: 18 }, (_, i) => packets.slice(50 * i, 50 * i + 50));
      const sender = (i: number) => `127.0.1.${i + 1}`;
      await Promise.all([
        ...parts.slice(0, 6).map((part) => sendUdp(udp, part)),
        ...parts.slice(6, 12).map((part, i) => sendTcp(tcp, Buffer.concat(part), sender(i))),
        ...parts.slice(12).map((part, i) => sendTcp(tls, Buffer.concat(part), sender(i), true)),
      ]);
      await until(async () => got.length >= 900 && (await stored(database)).rows >= 900, 'all rows', 30_000);
      running.child.kill('SIGHUP');
      await until(() => running.logged().includes('certificates reloaded'), 'certificates to be reloaded');
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      const all = summary(ended);
      expect([ended.code, all.accounting_errors, await stored(database)]).toEqual([0, [], { rows: 900, messages: 900 }]);
      expect(all.messages).toMatchObject({ found: 900, delivered: 900, filtered: {} });
      expect(all.sinks.map(({ written, waiting, lost }) => ({ written, waiting, lost }))).toEqual([
        { written: 900, waiting: 0, lost: 0 },
        { written: 900, waiting: 0, lost: 0 },
      ]);
      const numberOf = new Map(messages.map((message, i) => [message.toString('latin1'), i]));
      const order = got.map((packet) => numberOf.get(packet.subarray(packet.indexOf(messages[0].subarray(0, 4))).toString('latin1')) ?? -1);
      for (let i = 0; i < 18; i++) {
        const own = order.filter((number) => number >= 50 * i && number < 50 * i + 50);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
      await database.drop();
    },
    60_000,
  );

  test('a wrong password is reported once, with the exit code of one process', async () => {
    const url = new URL(process.env.SIPCAP_TEST_POSTGRES!);
    url.password = 'wrong';
    url.username = 'nobody';
    const args = ['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', url.href, '--duration', '1s'];
    const unusable = ['--table', 'same', '--report-table', 'same', '--processes', '3'];
    const [one, two, none] = await Promise.all([sipcap(args), sipcap([...args, '--processes', '3']), sipcap([...args, ...unusable])]);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/^(?:sipcap: 3 processes share .*\n)?sipcap: SIP and reports cannot share the table same: .*\n$/),
    ]);
    const errors = (text: string) => text.split('\n').filter((line) => /nobody/.test(line));
    expect([two.code, errors(two.stderr).map((line) => line.replace(/^sipcap: process \d: /, 'sipcap: '))]).toEqual([
      one.code,
      errors(one.stderr),
    ]);
  }, 60_000);

  test('a process that is kept waiting while it starts says every second that it lives', async () => {
    const child = fork(join(import.meta.dirname, '../../dist/bundle/child.mjs'), [], { serialization: 'advanced' });
    const said: string[] = [];
    child.on('message', ({ kind }: { kind: string }) => said.push(kind));
    await until(() => said.length === 3, 'its words', 10_000);
    child.kill('SIGKILL');
    expect(said).toEqual(['hello', 'starting', 'starting']);
  }, 20_000);

  test('a port in use is reported once', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await sipcap([
      'hep',
      'listen',
      `hep_tcp:127.0.0.1:${port}`,
      '--processes',
      '3',
      '--db',
      process.env.SIPCAP_TEST_MYSQL!,
    ]);
    server.close();
    expect([code, stderr.match(/port in use/g)]).toEqual([2, ['port in use']]);
  }, 30_000);
});
