/** An account without a name, home folder or shell, as numeric users of containers are: every command runs. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { captureOf } from '../rigs/capture-of.js';
import { FIRST_AT, callMessages } from '../rigs/stored-calls.js';
import { root, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

(process.getuid?.() === 0 ? describe : describe.skip)('an account without a name, as root', () => {
  chmodSync(folder.path, 0o777);
  writeFileSync(at('one.pcap'), captureOf(callMessages({ callId: 'one', at: FIRST_AT })));
  // What lies in the current folder is nobody's home.
  mkdirSync(at('.config/sipcap'), { recursive: true });
  writeFileSync(at('.config/sipcap/config.yaml'), 'table: another\n');

  test.each([[{}], [{ HOME: '/nonexistent' }], [{ HOME: '/nonexistent', SHELL: '/bin/sh' }]])('with the environment %j', (environment) => {
    const as = (...args: string[]) =>
      spawnSync('setpriv', ['--reuid=61009', '--regid=61009', '--clear-groups', process.execPath, join(root, 'bin/run.js'), ...args], {
        cwd: folder.path,
        env: { PATH: process.env['PATH'], ...environment },
        encoding: 'utf8',
      });
    const imported = as('capture', 'mirror', '-r', 'one.pcap', '--db', 'sqlite:one.db', '-q');
    expect([imported.status, imported.stderr]).toEqual([0, '']);
    const listed = as('call', 'list', '--db', 'sqlite:one.db', '--format', 'json', '--since', '2023-01-01');
    expect([listed.status, listed.stderr, JSON.parse(listed.stdout)]).toMatchObject([0, '', { kind: 'call' }]);
    expect([as('--help').status, as('capture', 'nonsense').status]).toEqual([0, 2]);
  });
});
