/** The database is busy and the disk of its spool is full: packets that would wait undecoded wait in memory, and nothing is lost. */
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import sqlite3 from 'sqlite3';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { emptyDisk, fillDisk, mountSmallDisk, unmountDisk } from '../rigs/small-disk.js';
import { killAll, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(600) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
let mounted = false;

afterAll(() => {
  killAll();
  if (mounted) unmountDisk(at('spool'));
  folder.remove();
});

function spooledBytes(): number {
  const folder = at('spool/database');
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

async function send(port: number, from: number, to: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.resume().end(Buffer.concat(packets.slice(from, to)));
  await once(socket, 'close');
}

/** Waits for so many rows, for 30 s at most. */
async function stored(name: string, rows: number): Promise<void> {
  for (let waited = 0; (await count(at(name)).catch(() => 0)) < rows && waited < 30_000; waited += 50)
    await new Promise((on) => setTimeout(on, 50));
}

/** Locks the database against every other; returns what releases it. */
async function lock(name: string): Promise<() => Promise<void>> {
  const other: sqlite3.Database = await new Promise((resolve) => {
    const opened: sqlite3.Database = new sqlite3.Database(at(name), () => resolve(opened));
  });
  const run = (sql: string) => new Promise<void>((done, fail) => other.exec(sql, (error) => (error === null ? done() : fail(error))));
  await run('BEGIN EXCLUSIVE');
  return async () => {
    await run('COMMIT');
    other.close();
  };
}

test('packets refused by a full spool are decoded at once', async () => {
  mkdirSync(at('spool'));
  mounted = mountSmallDisk(at('spool'));
  if (!mounted) return console.warn('skipped: no tmpfs can be mounted here');
  const running = start([
    'hep',
    'listen',
    'hep_tcp:127.0.0.1:0',
    '--db',
    `sqlite:${at('calls.db')}`,
    '--spool',
    at('spool'),
    '--summary',
    'json',
  ]);
  const words = /listening on hep_tcp:\S*?:(\d+)/;
  await until(() => words.test(running.logged()), 'the listener', 30_000);
  const port = Number(words.exec(running.logged())![1]);
  await send(port, 0, 100);
  await stored('calls.db', 100);
  const release = await lock('calls.db');
  await send(port, 100, 200);
  await until(() => spooledBytes() > 20_000, 'the rows to be spooled', 30_000);
  fillDisk(at('spool'));
  await send(port, 200, 300);
  await until(() => running.logged().includes('cannot write'), `the spool to refuse: ${running.logged()}`, 30_000);
  for (let from = 300; from < 500; from += 20) {
    await send(port, from, from + 20);
    // Longer than packets are gathered for a record.
    await new Promise((on) => setTimeout(on, 150));
  }
  emptyDisk(at('spool'));
  await send(port, 500, 600);
  await release();
  await stored('calls.db', 600);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  const { frames, sinks, accounting_errors: errors } = summary(ended);
  expect({ code: ended.code, dropped: frames.dropped, lost: sinks[0].lost, errors, rows: await count(at('calls.db')) }).toEqual({
    code: 0,
    dropped: {},
    lost: 0,
    errors: [],
    rows: 600,
  });
}, 120_000);

test('a reload that would lose what neither the database nor the disk takes is refused; nothing is lost', async () => {
  if (!mounted) return console.warn('skipped: no tmpfs can be mounted here');
  const port = await freePort();
  const node = (rows: number) =>
    `socket: hep_tcp:127.0.0.1:${port}\ndb_url: sqlite:${at('node.db')}\nspool: {directory: ${at('spool')}/node}\nmax_async_queries: ${rows}\n`;
  writeFileSync(at('node.yaml'), node(200));
  const running = start(['serve', '-c', at('node.yaml'), '--summary', 'json']);
  await until(() => running.logged().includes('serving'), 'serve', 30_000);
  const reload = async (rows: number, answer: string) => {
    writeFileSync(at('node.yaml'), node(rows));
    const before = running.logged().length;
    running.child.kill('SIGHUP');
    await until(() => running.logged().slice(before).includes(answer), `${answer}: ${running.logged()}`, 30_000);
  };
  await send(port, 0, 100);
  await stored('node.db', 100);
  const release = await lock('node.db');
  fillDisk(at('spool'));
  await send(port, 100, 300);
  await until(() => running.logged().includes('cannot write'), `the spool to refuse: ${running.logged()}`, 30_000);
  await reload(100, 'neither stores nor spools now');
  emptyDisk(at('spool'));
  await release();
  await stored('node.db', 300);
  await reload(100, 'configuration reloaded');
  running.child.kill('SIGTERM');
  const { code, stderr } = await running.ended;
  const line = stderr.split('\n').findLast((text) => text.startsWith('{"inputs"'))!;
  const { sinks, accounting_errors: errors } = JSON.parse(line) as ReturnType<typeof summary>;
  expect({ code, errors, lost: sinks.map(({ lost }) => lost), rows: await count(at('node.db')) }).toEqual({
    code: 0,
    errors: [],
    lost: [0, 0],
    rows: 300,
  });
}, 180_000);
