/** Reading a database of another account: nothing is created beside it, and its writer is never kept out. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { captureOf } from '../rigs/capture-of.js';
import { FIRST_AT, callMessages } from '../rigs/stored-calls.js';
import { environment, root, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const started: ChildProcess[] = [];
/** Accounts need no names; both are in one group. */
const GROUP = 61_000;
const WRITER = 61_001;
const READER = 61_002;

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  folder.remove();
});

function as(user: number, ...args: string[]): [string, string[], { cwd: string; env: NodeJS.ProcessEnv }] {
  const account = [`--reuid=${user}`, `--regid=${GROUP}`, '--clear-groups'];
  const env = { ...environment, HOME: '/nonexistent', TZ: 'UTC' };
  return ['setpriv', [...account, process.execPath, ...args], { cwd: folder.path, env }];
}

function sipcapAs(user: number, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const [program, list, options] = as(user, join(root, 'bin/run.js'), ...args);
  const { status, stdout, stderr } = spawnSync(program, list, { ...options, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Imports a capture as the writer; the result shows why it failed. */
function importing(name: string, file: string): { code: number | null; stderr: string } {
  const { code, stderr } = sipcapAs(WRITER, 'capture', 'mirror', '-r', at(name), '--db', `sqlite:${file}`, '-q');
  return { code, stderr: code === 0 ? '' : stderr };
}
const done = { code: 0, stderr: '' };

/** A program of the writer that holds the database open, and what it printed. */
async function holding(path: string, sql: string): Promise<ChildProcess> {
  const code = `import sqlite3 from ${JSON.stringify(join(root, 'node_modules/sqlite3/lib/sqlite3.js'))};
const database = new sqlite3.Database(${JSON.stringify(path)});
database.exec(${JSON.stringify(sql)}, (error) => { console.log(error ?? 'held'); setInterval(() => {}, 1000); });`;
  const [program, list, options] = as(WRITER, '--input-type=module', '-e', code);
  const child = spawn(program, list, options);
  started.push(child);
  let printed = '';
  child.stdout!.on('data', (text: Buffer) => (printed += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (printed += text.toString()));
  await until(() => printed !== '' || child.exitCode !== null, 'the writer');
  expect(printed).toBe('held\n');
  return child;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await exit;
}

const owners = (path: string) => readdirSync(path).map((name) => [name, statSync(join(path, name)).uid]);
function capture(name: string, ...ids: string[]): void {
  writeFileSync(at(name), captureOf(ids.flatMap((callId, i) => callMessages({ callId, at: FIRST_AT + i * 1e6 }))));
  chmodSync(at(name), 0o644);
}

(process.getuid?.() === 0 ? describe : describe.skip)('two accounts, as root', () => {
  chmodSync(folder.path, 0o755);
  capture('one.pcap', 'first', 'second');
  capture('two.pcap', 'third');

  describe.each([
    ['that the reader may write in', 0o2770],
    ['that the reader may only read', 0o2750],
  ])('a folder %s', (_, mode) => {
    const path = at(`d${mode.toString(8)}`);
    mkdirSync(path);
    chownSync(path, WRITER, GROUP);
    chmodSync(path, mode);
    const file = join(path, 'calls.db');
    const db = ['--db', `sqlite:${file}`];
    const idsSeen = () => sipcapAs(READER, 'call', 'list', ...db, '--format', 'json').stdout.match(/first|second|third/g)?.length ?? 0;

    test('reading commands leave nothing behind, and the writer goes on', () => {
      expect(importing('one.pcap', file)).toEqual(done);
      chmodSync(file, 0o660);
      const before = owners(path);
      expect(before).toEqual([['calls.db', WRITER]]);
      for (const [code, ...args] of [
        [0, 'call', 'list'],
        [5, 'report', 'list'],
        [0, 'db', 'status'],
        [0, 'db', 'prune', '--dry-run', '--keep', '1d'],
      ] as const) {
        const { code: got, stderr } = sipcapAs(READER, ...args, ...db);
        expect([args.join(' '), got, code === 0 ? stderr : '']).toEqual([args.join(' '), code, '']);
        expect(owners(path)).toEqual(before);
      }
      expect(importing('two.pcap', file)).toEqual(done);
      expect(idsSeen()).toBeGreaterThanOrEqual(3);
      expect(owners(path)).toEqual(before);
    }, 90_000);

    test('what a writer has in its write-ahead log is read, while it runs and after it was killed', async () => {
      const before = idsSeen();
      const copy = `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
        INSERT INTO sip_capture (callid, date, micro_ts, method, msg, source_ip, destination_ip) SELECT 'third-again', date, micro_ts, method, replace(CAST(msg AS TEXT), 'third', 'third-again'), source_ip, destination_ip FROM sip_capture WHERE callid = 'third'`;
      const writer = await holding(file, copy);
      const files = [
        ['calls.db', WRITER],
        ['calls.db-shm', WRITER],
        ['calls.db-wal', WRITER],
      ];
      expect([idsSeen() > before, owners(path)]).toEqual([true, files]);
      await ended(writer, 'SIGKILL');
      expect([idsSeen() > before, owners(path)]).toEqual([true, files]);
      // A copy without the index: only its owner may create one.
      unlinkSync(`${file}-shm`);
      const refused = sipcapAs(READER, 'call', 'list', ...db);
      expect(refused).toMatchObject({ code: 4, stdout: '' });
      expect(refused.stderr).toContain(
        `its write-ahead log has not been applied; open it once as its owner, with permission to write in ${path}`,
      );
      expect(owners(path)).toEqual([files[0], files[2]]);
      expect(sipcapAs(WRITER, 'db', 'status', ...db)).toMatchObject({ code: 0 });
      expect([idsSeen() > before, owners(path)]).toEqual([true, files]);
      expect(importing('two.pcap', file)).toEqual(done);
      expect(owners(path)).toEqual([['calls.db', WRITER]]);
    }, 90_000);
  });

  test('a log that another account left keeps the writer out: it says whose it is and what to do', () => {
    const path = at('left');
    mkdirSync(path);
    chownSync(path, WRITER, GROUP);
    const file = join(path, 'calls.db');
    expect(importing('one.pcap', file)).toEqual(done);
    for (const end of ['-wal', '-shm']) {
      writeFileSync(`${file}${end}`, '', { mode: 0o640 });
      chownSync(`${file}${end}`, READER, GROUP);
    }
    const refused = importing('two.pcap', file);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`cannot write database ${file}: ${file}-wal belongs to another account (uid ${READER})`);
    const [way] = /chown --reference=\S+ \S+-wal/.exec(refused.stderr)!;
    for (const command of [way, way.replace(/-wal$/, '-shm')]) spawnSync('sh', ['-c', command]);
    expect(importing('two.pcap', file)).toEqual(done);
  }, 90_000);
});
