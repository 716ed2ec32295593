/** `db import-quarantine`: rows that are rejected again stay importable, and none is lost or stored twice by a kill. */
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sqliteQuery } from '../rigs/databases.js';
import { killAll, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const query = (sql: string) => sqliteQuery(at('test.db'), sql);
const imported = (file: string) => sipcap(['db', 'import-quarantine', file, '--db', 'sqlite:test.db'], { cwd: folder.path });
const record = (callid: string) =>
  `${JSON.stringify({ table: 'sip_capture', error: 'refused', row: { callid, msg: { base64: 'gP8=' } } })}\n`;
const records = (count: number) => Array.from({ length: count }, (_, i) => record(`call-${i}`)).join('');
const lines = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8').split('\n').slice(0, -1) : []);
const callIds = (name: string) => lines(name).map((line) => (JSON.parse(line) as { row: { callid: string } }).row.callid);
const stored = async () => (await query('SELECT callid FROM sip_capture ORDER BY rowid')).map(({ callid }) => String(callid));
const refuse = (condition: string) =>
  query(`CREATE TRIGGER no BEFORE INSERT ON sip_capture WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'not yet'); END`);

beforeEach(async () => {
  for (const name of ['test.db', 'test.db-wal', 'test.db-shm', 'q', 'q.rejected', 'q.rejected.rejected', 'q.rejected.rejected.rejected'])
    rmSync(at(name), { recursive: true, force: true });
  await query('CREATE TABLE sip_capture (callid TEXT, msg BLOB)');
});
afterAll(() => {
  killAll();
  folder.remove();
});

test('rows that fail repeatedly for the same reason are imported once they are accepted', async () => {
  await refuse("NEW.callid <> 'accepted'");
  writeFileSync(at('q'), `${records(10)}${record('accepted')}`);
  expect(await imported('q')).toMatchObject({ code: 0, stdout: '1 rows stored, 10 rejected, 0 unreadable lines (q.rejected)\n' });
  // All of its rows fail, for the same reason: each file differs from the one before.
  let file = 'q';
  for (const attempts of [3, 4]) {
    file += '.rejected';
    writeFileSync(at(file), `${readFileSync(at(file), 'utf8')}${record('accepted')}`);
    expect(await imported(file)).toMatchObject({ code: 0, stdout: `1 rows stored, 10 rejected, 0 unreadable lines (${file}.rejected)\n` });
    expect(lines(`${file}.rejected`).map((line) => (JSON.parse(line) as { attempts: number }).attempts)).toEqual(Array(10).fill(attempts));
  }
  file += '.rejected';
  await query('DROP TRIGGER no');
  expect((await imported(file)).stdout).toBe('10 rows stored, 0 rejected, 0 unreadable lines\n');
  expect((await stored()).slice(3)).toEqual(Array.from({ length: 10 }, (_, i) => `call-${i}`));
  // Nothing is stored twice, and what was rejected then is named.
  expect((await imported(file)).stdout).toMatch(/^0 rows stored, 0 rejected, 0 unreadable lines, [\d,]+ bytes imported before\n$/);
  expect((await imported('q')).stdout).toMatch(/ bytes imported before; rows rejected then are in q\.rejected\n$/);
  expect(await stored()).toHaveLength(13);
}, 60_000);

test('killed between writing FILE.rejected and the commit: no row is in it twice, none is missing', async () => {
  await refuse("NEW.callid LIKE '%7'");
  writeFileSync(at('q'), `${records(40)}no JSON\n\n`);
  // The state after the kill: the lines are in the file, the database is unchanged.
  copyFileSync(at('test.db'), at('before.db'));
  expect(await imported('q')).toMatchObject({ code: 3 });
  const rejected = readFileSync(at('q.rejected'), 'utf8');
  for (const name of ['test.db-wal', 'test.db-shm']) rmSync(at(name), { force: true });
  copyFileSync(at('before.db'), at('test.db'));
  expect((await imported('q')).stdout).toBe('36 rows stored, 4 rejected, 1 unreadable lines (q.rejected)\n');
  expect(readFileSync(at('q.rejected'), 'utf8')).toBe(rejected);
  // Blank lines at the end are part of what was imported.
  expect((await imported('q')).stdout).toMatch(/^0 rows stored, 0 rejected, 0 unreadable lines, [\d,]+ bytes imported before;/);
  expect(await stored()).toHaveLength(36);
}, 60_000);

test('killed anywhere: each row is either stored or in FILE.rejected, exactly once', async () => {
  await refuse("NEW.callid LIKE '%77'");
  writeFileSync(at('q'), records(20_000));
  const running = start(['db', 'import-quarantine', 'q', '--db', 'sqlite:test.db'], { cwd: folder.path });
  await until(() => lines('q.rejected').length > 20, 'the first batches');
  running.child.kill('SIGKILL');
  await running.ended;
  expect((await imported('q')).code).toBe(0);
  const rejected = callIds('q.rejected');
  expect([rejected.length, new Set(rejected).size]).toEqual([200, 200]);
  const all = [...(await stored()), ...rejected];
  expect([all.length, new Set(all).size]).toEqual([20_000, 20_000]);
}, 60_000);

test('nothing is stored if rejected rows cannot be kept', async () => {
  await refuse("NEW.callid = 'call-7'");
  writeFileSync(at('q'), records(10));
  mkdirSync(at('q.rejected'));
  expect(await imported('q')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('cannot write q.rejected') as unknown });
  expect(await stored()).toEqual([]);
  rmSync(at('q.rejected'), { recursive: true });
  expect((await imported('q')).stdout).toBe('9 rows stored, 1 rejected, 0 unreadable lines (q.rejected)\n');
}, 60_000);

test('a folder, a device and a mistyped database are usage errors, and nothing is created', async () => {
  expect(await imported('.')).toMatchObject({ code: 2, stderr: 'sipcap: cannot read .: is a folder; expected a quarantine file\n' });
  expect((await imported('/dev/null')).stderr).toBe('sipcap: cannot read /dev/null: not a regular file; expected a quarantine file\n');
  writeFileSync(at('q'), records(1));
  const mistyped = await sipcap(['db', 'import-quarantine', 'q', '--db', 'sqlite:mistyped.db'], { cwd: folder.path });
  expect(mistyped).toMatchObject({ code: 2, stdout: '', stderr: 'sipcap: no database at mistyped.db\n' });
  expect(existsSync(at('mistyped.db'))).toBe(false);
}, 60_000);
