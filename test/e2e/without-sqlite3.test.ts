/** The optional package sqlite3 missing, or installed without its install script: the rest works, SQLite names the way out. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { copyInstallation } from '../rigs/installation.js';
import { root, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const SAMPLE = join(root, 'samples/sample.pcap');
const SUMMARY = /^1 files, 22 messages, 22 delivered in [\d.]+ s\n$/;

describe.each([
  ['missing', 'is not installed'],
  ['not compiled', 'was not compiled when it was installed'],
])('sqlite3 %s', (state, why) => {
  const home = join(folder.path, state.replace(' ', '-'));
  mkdirSync(home);
  const program = copyInstallation(home, { without: ['sqlite3'] });
  if (state === 'not compiled')
    for (const part of ['lib', 'package.json'])
      cpSync(join(root, 'node_modules/sqlite3', part), join(home, 'node_modules/sqlite3', part), { recursive: true });
  const run = (...args: string[]) => {
    const env = { ...process.env, SIPCAP_SQLITE: '', SIPCAP_DB: undefined, SIPCAP_CONFIG: '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env, timeout: 30_000 });
    return { status, stdout, stderr };
  };

  test('capture files onto the screen and as HEP', async () => {
    expect(run('capture', 'mirror', '-r', SAMPLE, '--summary', 'short')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ INVITE /) as unknown,
      stderr: expect.stringMatching(SUMMARY) as unknown,
    });
    const target = createSocket('udp4').bind(0, '127.0.0.1');
    await once(target, 'listening');
    const sent = run('capture', 'mirror', '-r', SAMPLE, '--hep', `hep_udp:127.0.0.1:${target.address().port}`, '-q');
    expect(sent).toEqual({ status: 0, stdout: '', stderr: '' });
    target.close();
  });

  test('MySQL: only the server is out of reach', () => {
    expect(run('db', 'status', '--db', 'mysql://u:p@127.0.0.1:1/x')).toMatchObject({
      status: 4,
      stderr: expect.not.stringMatching(/sqlite/i) as unknown,
    });
  });

  const expected = `sipcap: SQLite is not available: the package sqlite3 ${why}, and Node.js ${process.versions.node} has no node:sqlite
use Node.js 22.13 or newer, or install sqlite3 with its install script, a C++ compiler, make and python3; other databases need neither\n`;
  test('SQLite: the reason and the way out, and no file is left', () => {
    const database = join(home, 'sipcap.db');
    for (const command of [`capture mirror -r ${SAMPLE}`, 'hep listen hep_udp:127.0.0.1:0']) {
      const ended = run(...command.split(' '), '--db', `sqlite:${database}`);
      expect([ended.status, ended.stderr.slice(-expected.length)]).toEqual([2, expected]);
      expect(existsSync(database)).toBe(false);
    }
    writeFileSync(database, '');
    expect(run('call', 'list', '--db', `sqlite:${database}`)).toMatchObject({ status: 2, stderr: expected });
  });
});
