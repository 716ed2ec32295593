/** A database server that accepts connections and never responds: signals, the spool and the summary work as with a dead one. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until, type Ended, type Running } from '../rigs/sipcap.js';

const COUNT = 200;
const packets = (sipMessages(COUNT) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sockets = new Set<Socket>();
const hung = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((done) => hung.listen(0, '127.0.0.1', done));
  port = (hung.address() as AddressInfo).port;
});

afterAll(() => {
  killAll();
  for (const socket of sockets) socket.destroy();
  hung.close();
  folder.remove();
});

async function send(to: number, which = packets): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of which) await new Promise((done) => socket.send(packet, to, '127.0.0.1', done));
  socket.close();
}

function sums(ended: Ended) {
  const line = ended.stderr.split('\n').findLast((text) => /^\{"(inputs|listeners)"/.test(text));
  if (line === undefined) throw new Error(`no summary in: ${ended.stderr}`);
  const all = summary({ ...ended, stderr: line });
  const { undecoded } = all.frames as unknown as { undecoded: number };
  const [{ waiting, lost }] = all.sinks;
  return { arrived: all.frames.received + undecoded, kept: waiting + undecoded, lost, errors: all.accounting_errors };
}

async function drained(spool: string, database: string): Promise<number> {
  const ended = await sipcap(['db', 'drain', '--db', `sqlite:${at(database)}`, '--spool', spool]);
  expect(ended.code).toBe(0);
  return count(at(database));
}

const urls = [
  ['mysql', () => `mysql://root@127.0.0.1:${port}/calls`],
  ['postgresql', () => `postgres://root@127.0.0.1:${port}/calls`],
] as const;

test('hep listen, SIGTERM at once: all packets are in the spool, or counted as lost without one', async () => {
  const listen = async (url: string, ...more: string[]) => {
    const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', url, '--summary', 'json', ...more]);
    await send(await portOf(running, 'udp', 30_000));
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    return [ended.code, ended.signal, sums(ended)];
  };
  const spooled = urls.map(async ([kind, url]) => {
    const spool = at(`spool-${kind}`);
    expect(await listen(url(), '--spool', spool)).toEqual([4, null, { arrived: COUNT, kept: COUNT, lost: 0, errors: [] }]);
    expect(await drained(spool, `${kind}.db`)).toBe(COUNT);
  });
  const unspooled = listen(urls[0][1]());
  await Promise.all(spooled);
  expect(await unspooled).toEqual([4, null, { arrived: COUNT, kept: 0, lost: COUNT, errors: [] }]);
}, 90_000);

test('serve keeps running, spools, and everything can be drained later', async () => {
  const served = urls.map(async ([kind, url]) => {
    const [spool, file] = [at(`served-${kind}`), at(`served-${kind}.yaml`)];
    const text = `socket: [hep_udp:127.0.0.1:0]\ndb_url: ${url()}\nspool: {directory: ${spool}}\ndrain_deadline: 2s\n`;
    writeFileSync(file, text);
    const running = start(['serve', '-c', file, '--summary', 'json']);
    const to = await portOf(running, 'udp', 30_000);
    // SIGHUP in that window is a reload, later; it ends nothing.
    running.child.kill('SIGHUP');
    await send(to);
    await until(() => running.logged().includes('configuration reloaded'), `the reload: ${running.logged()}`, 30_000);
    expect(running.logged()).toContain('no answer within 1 s; retrying');
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([ended.code, sums(ended)]).toEqual([4, { arrived: COUNT, kept: COUNT, lost: 0, errors: [] }]);
    expect(await drained(spool, `served-${kind}.db`)).toBe(COUNT);
  });
  await Promise.all(served);
}, 90_000);

test('an import waiting for it exits at SIGTERM: summary and exit code 130', async () => {
  const before = sockets.size;
  const running = start(['capture', 'mirror', '-r', join(root, 'samples/sample.pcap'), '--db', urls[0][1](), '--summary', 'json']);
  await until(() => sockets.size > before, 'the connection', 30_000);
  running.child.kill('SIGTERM');
  const [code, signal] = (await once(running.child, 'exit')) as [number | null, string | null];
  const ended = await running.ended;
  expect([code, signal, summary(ended).messages.found]).toEqual([130, null, 0]);
}, 60_000);

test('filtered messages are not spooled: db drain has no filter', async () => {
  const spool = at('filtered');
  const running = start([
    'hep',
    'listen',
    'hep_udp:127.0.0.1:0',
    '--db',
    urls[0][1](),
    '--spool',
    spool,
    '--method',
    'BYE',
    '--summary',
    'json',
  ]);
  await send(await portOf(running, 'udp', 30_000), packets.slice(0, 50));
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  const { found, filtered } = summary(ended).messages;
  const stored = await drained(spool, 'filtered.db');
  expect([found, filtered.where, stored]).toEqual([50, 50 - stored, expect.any(Number)]);
  expect(stored).toBeGreaterThan(0);
  expect(await query(at('filtered.db'), "SELECT count(*) AS n FROM sip_capture WHERE cseq NOT LIKE '%BYE'")).toEqual([{ n: 0 }]);
}, 60_000);

test('the shutdown timeout of outputs: a flag, and a setting that a reload changes', async () => {
  const seconds = async (running: Running) => {
    const began = performance.now();
    running.child.kill('SIGTERM');
    await running.ended;
    return (performance.now() - began) / 1000;
  };
  const flagged = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', urls[0][1](), '--drain-deadline', '1s']);
  await send(await portOf(flagged, 'udp', 30_000));
  expect(await seconds(flagged)).toBeLessThan(9);
  const text = `socket: [hep_udp:127.0.0.1:0]\ndb_url: ${urls[0][1]()}\n`;
  writeFileSync(at('deadline.yaml'), text);
  const node = start(['serve', '-c', at('deadline.yaml')]);
  await send(await portOf(node, 'udp', 30_000));
  writeFileSync(at('deadline.yaml'), `${text}drain_deadline: 1s\n`);
  await until(() => node.logged().includes('serving'), 'the start', 30_000);
  node.child.kill('SIGHUP');
  await until(() => node.logged().includes('configuration reloaded'), 'the reload', 30_000);
  expect(await seconds(node)).toBeLessThan(9);
}, 90_000);
