/** What can happen to an SQLite file: rows wait, nothing is stored twice, nothing is lost silently. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { UsageError, silentLog } from '../../src/lib/base/index.js';
import { BatchingSink } from '../../src/lib/sink/batch/batching-sink.js';
import { loadStore } from '../../src/lib/store/index.js';
import { tablesNamed } from '../../src/lib/store/sql/dated-tables.js';
import { batch, stream, tableRows } from '../rigs/rows.js';
import { expectEach, numberedMessage, numberedRows } from './numbered.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipcap-sqlite-'));
  path = join(folder, 'calls.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A second program on the same file: a process of its own, because one process shares its locks. */
class Other {
  private readonly answers: ((rows: Record<string, unknown>[]) => void)[] = [];

  private constructor(private readonly child: ChildProcess) {
    createInterface(child.stdout!).on('line', (line) => this.answers.shift()!(JSON.parse(line) as Record<string, unknown>[]));
  }

  static async open(): Promise<Other> {
    const script = `const database = new (require('sqlite3').Database)(process.argv[1]);
      require('readline').createInterface(process.stdin).on('line', (sql) =>
        database.all(JSON.parse(sql), (error, rows) => console.log(JSON.stringify(error === null ? rows : [{ error: error.message }]))));`;
    return new Other(spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  all(sql: string): Promise<Record<string, unknown>[]> {
    return new Promise((resolve) => {
      this.answers.push(resolve);
      this.child.stdin!.write(`${JSON.stringify(sql)}\n`);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.child.on('close', () => resolve());
      this.child.stdin!.end();
    });
  }
}

async function callIds(): Promise<unknown[]> {
  const other = await Other.open();
  const rows = await other.all('SELECT callid FROM sip_capture ORDER BY id');
  await other.close();
  return rows.map(({ callid }) => callid);
}

test('locked by another process: unavailable, stored once released', async () => {
  const store = await loadStore(`sqlite:${path}`);
  await store.write(batch(1, tableRows(0, 10)));
  const other = await Other.open();
  await other.all('BEGIN EXCLUSIVE');
  const outcome = await store.write(batch(2, tableRows(10, 20)));
  expect(outcome).toEqual({ outcome: 'unavailable', reason: 'SQLITE_BUSY: database is locked' });
  await other.all('COMMIT');
  await other.close();
  expect((await store.write(batch(2, tableRows(10, 20)))).outcome).toBe('stored');
  await store.close();
  expectEach(await callIds(), 20);
});

test('disk full during a batch: rolled back, and stored when there is space', async () => {
  const store = await loadStore(`sqlite:${path}`);
  await store.write(batch(1, tableRows(0, 100)));
  const session = await store.connected();
  const [{ page_count: pages }] = await session.all('PRAGMA page_count', []);
  await session.execute(`PRAGMA max_page_count = ${Number(pages) + 20}`);
  const big = batch(2, tableRows(100, 1100), tableRows(0, 3, {}, 'other'));
  for (let i = 0; i < 2; i++)
    expect(await store.write(big)).toEqual({ outcome: 'unavailable', reason: 'SQLITE_FULL: database or disk is full' });
  expect(await callIds()).toHaveLength(100);
  await session.execute('PRAGMA max_page_count = 1000000');
  expect((await store.write(big)).outcome).toBe('stored');
  await store.close();
  expectEach(await callIds(), 1100);
});

test('a folder that disappeared: the sink buffers rows and stores them in order; opening is refused meanwhile', async () => {
  const store = await loadStore(`sqlite:${join(folder, 'later', 'calls.db')}`);
  await expect(store.open()).rejects.toThrow(
    new UsageError(`cannot open database sqlite:${folder}/later/calls.db: no such folder ${folder}/later`),
  );
  const logged: string[] = [];
  const sink = new BatchingSink({
    name: 'database',
    driver: store,
    rows: numberedRows,
    log: { ...silentLog, warn: (text) => logged.push(text) },
    batchRows: 10,
    batchBytes: 1e9,
    ageMs: 5,
    maxRows: 1000,
    giveUpMs: Infinity,
    positions: () => [{ stream: 'w', position: '' }],
    sequences: new Map(),
    onRefused: () => {},
  });
  for (let number = 0; number < 55; number++) sink.accept(numberedMessage(number));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sink.counts()).toMatchObject({ waiting: 55, lost: 0 });
  expect(logged[0]).toContain('no such folder');
  mkdirSync(join(folder, 'later'));
  await sink.close();
  path = join(folder, 'later', 'calls.db');
  expect(await callIds()).toEqual(Array.from({ length: 55 }, (_, number) => `call-${number}@127.0.0.1`));
});

test('a file that is not a database is reported and not modified', async () => {
  writeFileSync(path, 'this is my diary, '.repeat(500));
  const before = readFileSync(path);
  const store = await loadStore(`sqlite:${path}`);
  await expect(store.open()).rejects.toThrow('the file is not an SQLite database');
  expect(await store.write(batch(1, tableRows(0, 1)))).toEqual({ outcome: 'unavailable', reason: 'SQLITE_NOTADB: file is not a database' });
  await store.close();
  expect(readFileSync(path).equals(before)).toBe(true);
});

test.each([[['', '-wal', '-shm']], [['']]])(
  'a file moved away while writing (%j): rows go to a new file at that path, which is logged, and none are lost',
  async (ends) => {
    const warnings: string[] = [];
    const store = await loadStore(`sqlite:${path}`, { log: { ...silentLog, warn: (text) => void warnings.push(text) } });
    await store.write(batch(1, tableRows(0, 10)));
    for (const end of ends) renameSync(path + end, `${path}.old${end}`);
    expect(await store.write({ rows: [tableRows(0, 5)], streams: [stream(1, '', 'new')] })).toEqual({ outcome: 'stored', refused: [] });
    await store.close();
    expectEach(await callIds(), 5);
    expect(warnings).toEqual([`${path} was moved or removed while it was open; rows go to the file that has the name from now on`]);
    path = `${path}.old`;
    expectEach(await callIds(), 10);
  },
);

test('a file moved away without its write-ahead log before the end: nothing is lost', async () => {
  const store = await loadStore(`sqlite:${path}`);
  await store.write(batch(1, tableRows(0, 10)));
  renameSync(path, `${path}.old`);
  await store.close();
  expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  path = `${path}.old`;
  expectEach(await callIds(), 10);
});

test('a file moved away while another program has a transaction on it: rows wait until it ends, and none are lost', async () => {
  const store = await loadStore(`sqlite:${path}`);
  await store.write(batch(1, tableRows(0, 10)));
  const other = await Other.open();
  await other.all('BEGIN');
  await other.all('SELECT count(*) FROM sip_capture');
  await store.write(batch(2, tableRows(10, 20)));
  renameSync(path, `${path}.old`);
  const later = { rows: [tableRows(0, 5)], streams: [stream(1, '', 'new')] };
  expect(await store.write(later)).toMatchObject({ outcome: 'unavailable', reason: expect.stringContaining('ended their transactions') });
  await other.all('COMMIT');
  await other.close();
  expect(await store.write(later)).toEqual({ outcome: 'stored', refused: [] });
  await store.close();
  expectEach(await callIds(), 5);
  path = `${path}.old`;
  expectEach(await callIds(), 20);
}, 30_000);

test('a file replaced by a copy while writing: the write-ahead log is not taken for that of the copy', async () => {
  const made = await loadStore(`sqlite:${path}`);
  await made.write(batch(1, tableRows(0, 10)));
  await made.close();
  copyFileSync(path, `${path}.copy`);
  const store = await loadStore(`sqlite:${path}`);
  for (const number of [2, 3, 4]) await store.write(batch(number, tableRows(10 * number - 10, 10 * number)));
  linkSync(path, `${path}.old`);
  renameSync(`${path}.copy`, path);
  expect(await store.write({ rows: [tableRows(10, 15)], streams: [stream(1, '', 'new')] })).toEqual({ outcome: 'stored', refused: [] });
  await store.close();
  const other = await Other.open();
  expect(await other.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  await other.close();
  expectEach(await callIds(), 15);
  path = `${path}.old`;
  expectEach(await callIds(), 40);
});

test('a table with more columns than a statement of a hundred rows has parameters for', async () => {
  const other = await Other.open();
  const columns = Array.from({ length: 600 }, (_, i) => `c${i} TEXT NOT NULL`);
  await other.all(`CREATE TABLE sip_capture (id INTEGER PRIMARY KEY, callid TEXT, ${columns.join()})`);
  await other.close();
  const store = await loadStore(`sqlite:${path}`);
  expect(await store.write(batch(1, tableRows(0, 250)))).toEqual({ outcome: 'stored', refused: [] });
  await store.close();
  expectEach(await callIds(), 250);
});

test('hundreds of dated tables: few statements are kept, all rows are stored', async () => {
  const store = await loadStore(`sqlite:${path}`);
  const tables = Array.from({ length: 150 }, (_, i) => `sip_${i}`);
  for (let round = 0; round < 2; round++)
    expect((await store.write(batch(round + 1, ...tables.map((table) => tableRows(round, round + 1, {}, table))))).outcome).toBe('stored');
  await store.close();
  const other = await Other.open();
  const [{ n }] = await other.all(
    `SELECT sum(n) AS n FROM (${tables.map((table) => `SELECT count(*) AS n FROM ${table}`).join(' UNION ALL ')})`,
  );
  expect(n).toBe(300);
  await other.close();
});

test('a new file is readable by owner and group only, as are its write-ahead log and index', async () => {
  const before = process.umask(0);
  try {
    const store = await loadStore(`sqlite:${path}`);
    await store.write(batch(1, tableRows(0, 10)));
    for (const end of ['', '-wal', '-shm']) expect(statSync(path + end).mode & 0o777).toBe(0o640);
    await store.close();
  } finally {
    process.umask(before);
  }
});

test('reading creates neither file nor table, and a mistyped path is an error', async () => {
  const absent = await loadStore(`sqlite:${path}`, { access: 'read' });
  await expect(absent.open()).rejects.toThrow(`no database at ${path}`);
  await expect((await loadStore(`sqlite:${path}`, { access: 'write' })).open()).rejects.toThrow(`no database at ${path}`);
  expect(readdirSync(folder)).toEqual([]);
  const other = await Other.open();
  await other.all('CREATE TABLE theirs (callid TEXT)');
  await other.close();
  const store = await loadStore(`sqlite:${path}`, { access: 'read' });
  expect(await store.hasTable('theirs')).toBe(true);
  const session = await store.connected();
  expect((await session.all('SELECT name FROM sqlite_master', [])).map(({ name }) => name)).toEqual(['theirs']);
  await expect(session.execute('CREATE TABLE x (y TEXT)')).rejects.toThrow('SQLITE_READONLY');
  await store.close();
});

test('read in a read-only folder: works without a write-ahead log, with one the error names the folder', async () => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    console.warn('skipped: this user may not mount a small disk');
    return;
  }
  try {
    path = join(disk, 'a? #b.db');
    const writer = await loadStore(`sqlite:${path}`);
    await writer.write(batch(1, tableRows(0, 10)));
    await writer.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const store = await loadStore(`sqlite:${path}`, { access: 'read' });
    expect(await (await store.connected()).all('SELECT count(*) AS n FROM sip_capture', [])).toEqual([{ n: 10 }]);
    await store.close();
    // As a copy made while the database was in use.
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    const again = await loadStore(`sqlite:${path}`);
    await again.write(batch(2, tableRows(10, 20)));
    const wal = readFileSync(`${path}-wal`);
    await again.close();
    writeFileSync(`${path}-wal`, wal);
    chmodSync(`${path}-wal`, 0o600);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const refused = await loadStore(`sqlite:${path}`, { access: 'read' });
    await expect(refused.open()).rejects.toThrow(
      `its write-ahead log has not been applied; open it once as its owner, with permission to write in ${disk}`,
    );
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('dated names are found in linear time, whatever the names of other tables', async () => {
  const store = await loadStore(`sqlite:${path}`);
  await store.makeTable('sip_capture', 'sip_20260115120000');
  const session = await store.connected();
  await session.execute(`CREATE TABLE "sip_${'1'.repeat(200)}x" (id INTEGER)`);
  const name = 'sip_%Y%m%d%H%M%S';
  expect(await tablesNamed(session, name, ['sip_capture'])).toEqual(['sip_20260115120000']);
  expect(await tablesNamed(session, `${name}%j%U%w`, ['sip_capture'])).toEqual(['sip_20260115120000']);
  expect(await tablesNamed(session, 'sip_%a%B%Y', ['sip_capture'])).toEqual([]);
  await store.close();
});
