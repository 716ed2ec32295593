/** Current ClickHouse, as npm's chdb has it: our definitions, inserts, searches and partitions, and the space that messages take. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { silentLog, systemClock } from '../../src/lib/base/index.js';
import { loadStore } from '../../src/lib/store/index.js';
import { MessageReader } from '../../src/lib/store/read/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { clickhouseQuery } from '../rigs/clickhouse.js';
import { batch, identified, IDENTIFIED_COLUMNS } from '../rigs/rows.js';
import { root, sipcap, summary, temporaryFolder } from '../rigs/sipcap.js';

const CHDB = 'chdb@3.4.0';
const MESSAGES = 200_000;
/** Bytes on disk of a message of 600 bytes. */
const MOST_BYTES = 120;
const folder = temporaryFolder();
const stored = { outcome: 'stored', refused: [] };
let engine: ChildProcess;
let place: string;
let url: string;
let store: SqlStore;

beforeAll(async () => {
  writeFileSync(join(folder.path, 'package.json'), '{"private":true}');
  // The library is in the package: no install script needs to run.
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', CHDB], { cwd: folder.path, stdio: 'pipe' });
  engine = spawn(process.execPath, [join(root, 'test/rigs/chdb-server.mjs'), folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(engine.stdout!, 'data')) as [Buffer];
  place = `127.0.0.1:${String(port).trim()}`;
  url = `clickhouse://sipcap:capture@${place}/sipcap`;
  store = await loadStore(url);
}, 600_000);

afterAll(async () => {
  await store?.close();
  if (engine !== undefined) {
    engine.kill('SIGKILL');
    await once(engine, 'exit');
  }
  folder.remove();
});

const query = (sql: string) => clickhouseQuery(place, 'sipcap', sql);
const number = async (sql: string) => Number(Object.values((await query(sql))[0])[0]);

afterEach(async () => {
  await store.close();
  for (const { name } of await query("SELECT name FROM system.tables WHERE database = 'sipcap'")) await query(`DROP TABLE ${String(name)}`);
  await store.open();
});

test('tables with codecs and Bloom filters, twice; every value of every row arrives', async () => {
  for (let i = 0; i < 2; i++) {
    await store.makeTable('sip_capture', 'sip_capture');
    await store.makeTable('rtcp_capture', 'rtcp_capture');
    await store.makeTable('rtcp_capture_homer6', 'homer6_capture');
  }
  const session = await store.connected();
  const columns = await Promise.all(['sip_capture', 'rtcp_capture', 'homer6_capture'].map((table) => session.columns(table)));
  expect(columns.map(({ length }) => length)).toEqual([46, 14, 19]);
  expect(await number("SELECT count() FROM system.data_skipping_indices WHERE table = 'sip_capture' AND type = 'bloom_filter'")).toBe(6);
  const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const changes = { 3: { msg: every, callid: "it's\\ \t\0Ü", source_port: 70_000, date: '2250-01-01 00:00:00', reason: null } };
  const rows = identified(0, 1000, changes);
  expect(await store.write(batch(1, rows))).toEqual(stored);
  const names = IDENTIFIED_COLUMNS.map((name) => (name === 'date' ? 'toString(date) AS date' : name));
  const found = await session.all(`SELECT ${names.join(', ')} FROM sip_capture ORDER BY sequence`, []);
  for (const row of [0, 2, 3, 999])
    for (const [i, name] of IDENTIFIED_COLUMNS.entries()) {
      const expected = { source_port: 65_535, date: '2105-12-31 23:59:59', reason: '' }[row === 3 ? name : ''];
      const value = found[row][name];
      const wanted = expected ?? rows.values[row * IDENTIFIED_COLUMNS.length + i];
      expect([row, name, Buffer.isBuffer(value) ? value : String(value)]).toEqual([
        row,
        name,
        Buffer.isBuffer(value) ? Buffer.from(wanted as Buffer) : String(wanted),
      ]);
    }
  expect(await store.streams('te')).toEqual([{ stream: 'test', sequence: 1, position: 'at 1' }]);
});

test('what is written again, whole or cut otherwise, is there once', async () => {
  await store.write(batch(1, identified(0, 500)));
  await store.write(batch(1, identified(0, 500)));
  await store.write(batch(2, identified(100, 300), identified(400, 700)));
  expect(await number('SELECT count() FROM sip_capture FINAL')).toBe(700);
  await query('OPTIMIZE TABLE sip_capture FINAL');
  expect(await number('SELECT count() FROM sip_capture')).toBe(700);
});

test('refused rows are found; a table that is missing, and a database that is, are named', async () => {
  await query(
    "CREATE TABLE sip_capture (date DateTime, callid String, method String, bad UInt8 MATERIALIZED toUInt8(if(method = 'BAD', 'x', '0')), msg String) ENGINE = MergeTree PARTITION BY toDate(date) ORDER BY callid",
  );
  const outcome = await store.write(batch(1, identified(0, 300, { 0: { method: 'BAD' }, 299: { method: 'BAD' } })));
  if (outcome.outcome !== 'stored') throw new Error(JSON.stringify(outcome));
  expect(outcome.refused.map(({ row }) => row)).toEqual([0, 299]);
  const session = await store.connected();
  const error = await session.all('SELECT 1 FROM missing', []).catch((thrown: unknown) => thrown);
  expect([session.faultOf(error), (error as { code: string }).code]).toEqual(['schema', 'CLICKHOUSE_60']);
});

describe('the corpus', () => {
  test('is imported exactly once, read back by key and by hour, dropped by day, in at most 120 bytes a message', async () => {
    writeFileSync(join(folder.path, 'big.pcap'), pcapFile(sipMessages(MESSAGES)) as Buffer);
    const capture = ['capture', 'mirror', '-r', join(folder.path, 'big.pcap'), '--db', url, '--summary', 'json'];
    const first = await sipcap(capture);
    expect([first.code, summary(first).accounting_errors]).toEqual([0, []]);
    expect((await sipcap([...capture, '--again'])).code).toBe(0);
    expect(await number('SELECT count() FROM sip_capture FINAL')).toBe(MESSAGES);
    await query('OPTIMIZE TABLE sip_capture FINAL');
    expect(await number('SELECT count() FROM sip_capture')).toBe(MESSAGES);

    const bytes = (await number("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'sip_capture'")) / MESSAGES;
    const length = await number('SELECT avg(length(msg)) FROM sip_capture');
    console.log(`${bytes.toFixed(1)} bytes on disk for a message of ${length.toFixed(0)} bytes`);
    expect((bytes / length) * 600).toBeLessThan(MOST_BYTES);

    const [{ callid, total }] = await query(
      'SELECT callid, count() AS total FROM sip_capture GROUP BY callid ORDER BY cityHash64(callid) LIMIT 1',
    );
    const shown = await sipcap(['call', 'show', String(callid), '--single', '--db', url, '--format', 'json']);
    expect([shown.code, (JSON.parse(shown.stdout) as { messages: unknown[] }).messages.length]).toEqual([0, Number(total)]);
    const explained = (await sipcap(['call', 'list', '--db', url, '--from-user', 'nobody', '--explain'])).stdout;
    expect(explained).toContain('PREWHERE');
    expect(explained).toMatch(/Skip\s+Name: by_from_user/);

    const reader = await MessageReader.open(url, { table: '', log: silentLog, clock: systemClock });
    let read = 0;
    for await (const messages of reader.messages({ since: null, until: null, condition: null })) read += messages.length;
    await reader.close();
    expect(read).toBe(MESSAGES);

    const pruned = await sipcap(['db', 'prune', '--db', url, '--keep-size', '1']);
    expect([pruned.code, pruned.stdout]).toEqual([0, expect.stringContaining('dropped partition p')]);
    expect(await number('SELECT count() FROM sip_capture')).toBe(0);
  }, 600_000);
});
