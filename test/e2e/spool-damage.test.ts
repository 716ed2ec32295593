/** Spools with damage, by every command that reads one, and `db drain` stopped: losses are counted, and visible in the exit code. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync, cpSync, symlinkSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { silentLog, systemClock } from '../../src/lib/base/index.js';
import { SpoolLog } from '../../src/lib/sink/spool/index.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const COUNT = 300;
const packets = (sipMessages(COUNT) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const open: Server[] = [];

beforeAll(() => databaseSpool(at('rows')), 60_000);
afterAll(() => {
  killAll();
  for (const server of open) server.close();
  folder.remove();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A spool of packets for a target. */
async function packetSpool(directory: string): Promise<void> {
  const spool = await SpoolLog.open({ directory, clock: systemClock, log: silentLog, sync: 'never', maxBytes: 0, maxAgeSeconds: 0 });
  for (const packet of packets) spool.append(packet);
  await spool.close();
}

/** The spool of a listener whose database is unavailable. */
async function databaseSpool(spool: string): Promise<void> {
  const listener = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', 'mysql://nobody@127.0.0.1:1/none', '--spool', spool, '-q']);
  const words = /listening on hep_tcp:\S*?:(\d+)/;
  await until(() => words.test(listener.logged()), 'the listener');
  const port = Number(words.exec(listener.logged())![1]);
  const records = () => spawnSync(process.execPath, ['bin/run.js', 'hep', 'spool', spool], { cwd: root, encoding: 'utf8' }).stdout;
  for (let from = 0, done = 0; from < COUNT; from += 100) {
    await new Promise<void>((sent, fail) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', fail).on('close', () => sent());
      socket.end(Buffer.concat(packets.slice(from, from + 100)));
    });
    await until(() => Number(/(\d+) records/.exec(records())?.[1] ?? 0) > done, 'one more record');
    done = Number(/(\d+) records/.exec(records())![1]);
  }
  listener.child.kill('SIGTERM');
  expect((await listener.ended).code).toBe(4);
}

/** Flips a bit of the only segment. */
function damage(directory: string, place: (bytes: Buffer) => number): void {
  const [name] = readdirSync(directory).filter((file) => file.endsWith('.spool'));
  const bytes = readFileSync(join(directory, name));
  bytes[place(bytes)] ^= 1;
  writeFileSync(join(directory, name), bytes);
}

const middle = (bytes: Buffer) => bytes.length >> 1;

test('`hep spool` of a folder that does not exist is a usage error', async () => {
  expect(await sipcap(['hep', 'spool', 'nowhere'])).toMatchObject({
    code: 2,
    stderr: 'sipcap: no folder nowhere: expected the folder given to --spool\n',
  });
}, 60_000);

test('`hep spool` names the spools of several processes and those behind symbolic links', async () => {
  const names = ['one', join('child-1', 'database'), join('child-2', 'database')];
  for (const name of names) cpSync(join(at('rows'), 'database'), join(at('many'), name), { recursive: true });
  symlinkSync(join(at('rows'), 'database'), join(at('many'), 'zlink'));
  symlinkSync(join(at('rows'), 'nothing'), join(at('many'), 'broken'));
  const { code, stdout } = await sipcap(['hep', 'spool', at('many')]);
  expect([code, stdout.split('\n').map((line) => line.replace(/: .*/, ''))]).toEqual([0, [...names.slice(1), 'one', 'zlink', '']]);
}, 60_000);

test('db drain and hep listen count the losses of a damaged spool, and exit with 4', async () => {
  for (const name of ['rows-bit', 'rows-header', 'rows-listen']) cpSync(at('rows'), at(name), { recursive: true });
  damage(join(at('rows-bit'), 'database'), middle);
  damage(join(at('rows-header'), 'database'), () => 20);
  damage(join(at('rows-listen'), 'database'), middle);

  const bit = await sipcap(['db', 'drain', '--db', `sqlite:${at('bit.db')}`, '--spool', at('rows-bit')]);
  expect(bit.stdout).toMatch(/^[12]\d\d rows stored, 0 refused, 1 lost, 0 batches left\n$/);
  expect(bit.stderr).toMatch(/ 1 lost \(spool_corrupt 1\)/);
  expect([bit.code, bit.stderr]).toEqual([4, expect.not.stringContaining('BUG')]);
  const again = await sipcap(['db', 'drain', '--db', `sqlite:${at('bit.db')}`, '--spool', at('rows-bit')]);
  expect([again.code, again.stdout]).toEqual([0, '0 rows stored, 0 refused, 0 lost, 0 batches left\n']);

  const header = await sipcap(['db', 'drain', '--db', `sqlite:${at('header.db')}`, '--spool', at('rows-header')]);
  expect([header.code, header.stdout]).toEqual([4, '0 rows stored, 0 refused, 1 lost, 0 batches left\n']);

  const listener = start([
    ...['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', `sqlite:${at('listen.db')}`, '--spool', at('rows-listen')],
    ...['--summary', 'json'],
  ]);
  await until(() => listener.logged().includes('the spool is empty'), 'the backlog');
  listener.child.kill('SIGTERM');
  const ended = await listener.ended;
  expect([ended.code, summary(ended).accounting_errors, summary(ended).sinks]).toMatchObject([
    4,
    [],
    [{ lost: 1, waiting: 0, reasons: { spool_corrupt: 1 } }],
  ]);
}, 90_000);

test('hep relay: exit code 3 if the damaged spool is its input, 4 if it is that of its target', async () => {
  const got: Buffer[] = [];
  const port = await listening(createServer((socket) => void socket.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => {})));
  const target = `hep_tcp:127.0.0.1:${port}`;
  await packetSpool(at('input'));
  damage(at('input'), middle);
  const relayed = await sipcap(['hep', 'relay', '--from', at('input'), '--to', target, '--summary', 'json']);
  expect([relayed.code, summary(relayed).messages.found, summary(relayed).files]).toMatchObject([
    3,
    COUNT - 1,
    [{ problem: 'records lost: 1 (spool_corrupt)' }],
  ]);

  await packetSpool(join(at('own'), target.replace(/[^\w.[\]-]/g, '_')));
  damage(join(at('own'), readdirSync(at('own'))[0]), middle);
  const drained = await sipcap(['hep', 'relay', '--drain', '--to', target, '--spool', at('own'), '-q']);
  expect([drained.code, drained.stderr]).toEqual([4, expect.stringContaining('299 sent, 0 wait, 1 lost (spool_corrupt 1)')]);
}, 60_000);

test('one SIGTERM ends a db drain whose server accepts and never replies: clean exit with 130, and nothing is deleted', async () => {
  cpSync(at('rows'), at('mute'), { recursive: true });
  let hasCaller = false;
  const port = await listening(createServer((socket) => void ((hasCaller = true), socket.on('error', () => {}))));
  const drain = start(['db', 'drain', '--db', `mysql://nobody@127.0.0.1:${port}/none`, '--spool', at('mute')]);
  await until(() => hasCaller, 'the connection');
  drain.child.kill('SIGTERM');
  const ended = await drain.ended;
  expect([ended.code, ended.signal]).toEqual([130, null]);
  expect(ended.stdout).toMatch(/^0 rows stored, 0 refused, 0 lost, [1-9]\d* batches left\n$/);
  const drained = await sipcap(['db', 'drain', '--db', `sqlite:${at('mute.db')}`, '--spool', at('mute')]);
  expect([drained.code, drained.stdout]).toEqual([0, `${COUNT} rows stored, 0 refused, 0 lost, 0 batches left\n`]);
}, 60_000);
