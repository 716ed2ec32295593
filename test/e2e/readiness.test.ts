/** Health and readiness of a node while a database is really dead, and what a reload closes. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { freePort } from '../rigs/free-port.js';
import { makeServer, query, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { killAll, start, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(40) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const servers: PrivateServer[] = [];

afterAll(async () => {
  killAll();
  for (const server of servers) await server.remove();
  folder.remove();
});

async function serve(name: string, text: string): Promise<Running> {
  writeFileSync(at(name), text);
  const running = start(['serve', '-c', at(name), '--summary', 'json'], { cwd: folder.path });
  await until(() => running.logged().includes(`serving ${at(name)}`), `${name} to serve: ${running.logged()}`, 30_000);
  return running;
}

async function send(port: number, ...bytes: Buffer[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.end(Buffer.concat(bytes));
  socket.resume();
  await once(socket, 'close');
}

describe.each(serversInstalled())('%s', (kind) => {
  test('/readyz is 503 while the database is down, 200 before and after; /healthz is always ok', async () => {
    const server = await makeServer(kind);
    servers.push(server);
    const [hep, http] = [await freePort(), await freePort()];
    const spool = kind === 'mysql' ? `spool: {directory: ${at('spool')}}\n` : '';
    const running = await serve(
      `ready-${kind}.yaml`,
      `socket: [hep_tcp:127.0.0.1:${hep}]\ndb_url: ${server.url}\nmetrics: {listen: "127.0.0.1:${http}"}\n${spool}`,
    );
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${http}${path}`)).status;
    const becomes = async (wanted: number) => {
      for (let waited = 0; (await status('/readyz')) !== wanted; waited += 50) {
        if (waited > 30_000) throw new Error(`/readyz never was ${wanted}: ${running.logged()}`);
        await sleep(50);
      }
      expect(await status('/healthz')).toBe(200);
    };
    const rows = async () => Number((await query(server.url, 'SELECT count(*) AS n FROM sip_capture'))[0].n);
    await send(hep, ...packets.slice(0, 20));
    for (let waited = 0; (await rows().catch(() => 0)) < 20 && waited < 30_000; waited += 50) await sleep(50);
    await becomes(200);
    await server.kill();
    await send(hep, ...packets.slice(20));
    await becomes(503);
    await server.start();
    await becomes(200);
    for (let waited = 0; (await rows()) < 40 && waited < 30_000; waited += 50) await sleep(50);
    expect(await rows()).toBe(40);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  }, 120_000);
});

test('a changed script closes the targets of the previous one, with their spools; the same script keeps them', async () => {
  const got: Record<string, { bytes: number; open: number }> = {};
  const target = async (name: string) => {
    got[name] = { bytes: 0, open: 0 };
    const server = createServer((socket: Socket) => {
      got[name].open++;
      socket.on('error', () => {});
      socket.on('data', (bytes) => (got[name].bytes += bytes.length));
      socket.on('close', () => got[name].open--);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { server, port: (server.address() as AddressInfo).port };
  };
  const [first, second] = [await target('first'), await target('second')];
  const hep = await freePort();
  const text = (port: number, rest = '') =>
    [
      `socket: [hep_tcp:127.0.0.1:${hep}]`,
      `db_url: sqlite:${at('script.db')}`,
      `spool: {directory: ${at('script-spool')}}`,
      rest,
      'hep_route: first',
      'route: |',
      '  route[first] {',
      `    $du = "sip:127.0.0.1:${port};transport=tcp";`,
      '    hep_relay();',
      '  }',
      '',
    ].join('\n');
  const running = await serve('script.yaml', text(first.port));
  let reloads = 0;
  const reload = async (config: string) => {
    writeFileSync(at('script.yaml'), config);
    running.child.kill('SIGHUP');
    reloads++;
    await until(() => running.logged().split('configuration reloaded').length > reloads, `reload ${reloads}: ${running.logged()}`, 30_000);
  };
  const arrives = async (name: string, packet: Buffer) => {
    const before = got[name].bytes;
    await send(hep, packet);
    await until(() => got[name].bytes - before === packet.length, `${name} to get it: ${running.logged()}`, 30_000);
  };
  await arrives('first', packets[0]);
  await reload(text(first.port, 'max_async_queries: 7'));
  await arrives('first', packets[1]);
  expect(got.first.open).toBe(1);
  // The same target, opened in another way: its spool must be free.
  await reload(text(first.port, 'hep_max_retries: 3'));
  await arrives('first', packets[2]);
  await until(() => got.first.open === 1, 'the connection before it to close');
  await reload(text(second.port));
  await arrives('second', packets[3]);
  await until(() => got.first.open === 0, 'the connections of the script before it to close');
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect([ended.code, ended.stderr.includes('another process')]).toEqual([0, false]);
  expect(got.first.bytes + got.second.bytes).toBe(packets.slice(0, 4).reduce((sum, { length }) => sum + length, 0));
  for (const { server } of [first, second]) server.close();
}, 60_000);

test('/healthz responds and SIGTERM ends the node under a pattern with catastrophic backtracking', async () => {
  const [hep, http] = [await freePort(), await freePort()];
  const running = await serve(
    'pattern.yaml',
    [
      `socket: [hep_tcp:127.0.0.1:${hep}]`,
      `db_url: sqlite:${at('pattern.db')}`,
      `metrics: {listen: "127.0.0.1:${http}"}`,
      'route: |',
      '  route {',
      '    if ($rb =~ "^(([a-z])+.)+[A-Z]([a-z])+$") { xlog("never\\n"); }',
      '    sip_capture();',
      '  }',
      '',
    ].join('\n'),
  );
  const body = 'a'.repeat(40_000);
  const hostile = Buffer.from(
    `MESSAGE sip:a@127.0.0.1 SIP/2.0\r\nCall-ID: hostile\r\nCSeq: 1 MESSAGE\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await send(hep, ...Array.from({ length: 10 }, (_, i) => hep3(hostile, i) as Buffer));
  expect(await (await fetch(`http://127.0.0.1:${http}/healthz`, { signal: AbortSignal.timeout(10_000) })).text()).toBe('ok\n');
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect([ended.code, /"delivered":10[,}]/.test(ended.stderr)]).toEqual([0, true]);
}, 60_000);
