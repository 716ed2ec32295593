/** A quarantine file that cannot be written: reported only if there is a row for it, and what is lost is counted as lost. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { captureOf } from '../rigs/capture-of.js';
import { sqliteQuery } from '../rigs/databases.js';
import { portOf } from '../rigs/hep-receivers.js';
import { environment, killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';
import { FIRST_AT, callMessages } from '../rigs/stored-calls.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => {
  killAll();
  folder.remove();
});

/** A database whose table rejects all. */
async function rejecting(name: string): Promise<string> {
  await sipcap(['db', 'init', '--db', `sqlite:${at(name)}`]);
  await sqliteQuery(at(name), "CREATE TRIGGER no BEFORE INSERT ON sip_capture BEGIN SELECT RAISE(ABORT, 'not yet'); END");
  chmodSync(at(name), 0o666);
  return `sqlite:${at(name)}`;
}

test('a live run counts as lost what the database rejected and the quarantine could not keep: exit code 4', async () => {
  const db = await rejecting('live.db');
  // /dev/full accepts nothing, as a full disk does.
  const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', db, '--quarantine', '/dev/full', '--summary', 'json']);
  const port = await portOf(running, 'udp');
  const socket = createSocket('udp4');
  for (const [i, message] of (sipMessages(3) as Buffer[]).entries())
    await new Promise((done) => socket.send(hep3(message, i) as Buffer, port, '127.0.0.1', done));
  socket.close();
  await until(() => running.logged().includes('such rows are lost'), 'the error');
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect([ended.code, summary(ended).accounting_errors, summary(ended).notes]).toEqual([4, [], {}]);
  expect(summary(ended).sinks[0]).toMatchObject({ delivered: 3, written: 0, refused: 0, lost: 3, reasons: { quarantine_failed: 3 } });
  expect(ended.stderr).toContain('cannot write rejected row to /dev/full: ENOSPC');
}, 30_000);

(process.getuid?.() === 0 ? describe : describe.skip)('a folder without the right to write, as root', () => {
  chmodSync(folder.path, 0o755);
  mkdirSync(at('closed'));
  mkdirSync(at('open'));
  chmodSync(at('open'), 0o777);
  writeFileSync(at('one.pcap'), captureOf(callMessages({ callId: 'one', at: FIRST_AT })));
  const inClosed = (...args: string[]): [string, string[], { cwd: string; env: NodeJS.ProcessEnv }] => [
    'setpriv',
    ['--reuid=61001', '--regid=61001', '--clear-groups', process.execPath, join(root, 'bin/run.js'), ...args],
    { cwd: at('closed'), env: { ...environment, HOME: '/nonexistent', SIPCAP_CONFIG: '', SIPCAP_DB: undefined } },
  ];

  test('an import that has nothing to keep does not mention it', () => {
    const [program, args, options] = inClosed('capture', 'mirror', '-r', at('one.pcap'), '--db', `sqlite:${at('open/a.db')}`, '-q');
    const { status, stderr } = spawnSync(program, args, { ...options, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  test('a live run is told at its start', async () => {
    const child = spawn(...inClosed('hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', `sqlite:${at('open/b.db')}`));
    let logged = '';
    child.stderr.on('data', (text: Buffer) => (logged += text.toString()));
    const ended = new Promise((done) => child.on('close', done));
    const file = `${at('closed')}/sipcap-quarantine.ndjson`;
    await until(() => logged.includes(`no right to write ${file}: rows that the database rejects will be lost`), 'the warning').finally(
      () => child.kill('SIGTERM'),
    );
    expect(await ended).toBe(0);
  });
});
