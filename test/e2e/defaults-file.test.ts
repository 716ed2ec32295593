/** The defaults files: after flags and the environment, a database only for commands that read, none for serve. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const file = at('sipcap/config.yaml');
const sample = join(root, 'samples/sample.pcap');

const run = (args: string[], env: Record<string, string> = {}) =>
  sipcap(args, { cwd: folder.path, env: { SIPCAP_CONFIG: undefined as never, XDG_CONFIG_HOME: folder.path, TZ: 'UTC', ...env } });

beforeAll(async () => {
  await sipcap(['capture', 'mirror', sample, '-q', '--db', `sqlite:${at('calls.db')}`]);
  mkdirSync(at('sipcap'));
  writeFileSync(file, `# defaults\ndb: sqlite:${at('calls.db')}\ntz: Europe/Berlin\ntime: epoch\n`);
}, 60_000);

afterAll(() => {
  killAll();
  folder.remove();
});

test('flags and the environment go before them; no capture writes into their database', async () => {
  const plain = await run(['capture', 'mirror', sample, '-q', '-c', '1']);
  expect([plain.code, plain.stdout.slice(0, 18)]).toEqual([0, '1768469400.020137 ']);
  const flag = await run(['capture', 'mirror', sample, '-q', '-c', '1', '--time', 'date']);
  expect(flag.stdout.slice(0, 19)).toBe('2026-01-15 10:30:00');
  const off = await run(['capture', 'mirror', sample, '-q', '-c', '1'], { SIPCAP_CONFIG: '' });
  expect(off.stdout.slice(0, 19)).toBe('2026-01-15 09:30:00');
  const environment = await run(['db', 'status'], { SIPCAP_DB: 'sqlite:absent.db' });
  expect([environment.code, environment.stderr]).toEqual([2, 'sipcap: no database at absent.db\n']);
}, 60_000);

test('a reading command takes their database, unless another input is named', async () => {
  const stored = await run(['call', 'list', '--format', 'json']);
  const read = await run(['call', 'list', sample, '--format', 'json']);
  expect([stored.code, read.code]).toEqual([0, 0]);
  expect(stored.stdout.split('\n').length).toBeGreaterThan(2);
  expect(read.stdout.split('\n').length).toBe(stored.stdout.split('\n').length);
  const init = await run(['db', 'init']);
  expect([init.code, init.stderr]).toEqual([2, expect.stringContaining('missing --db URL')]);
}, 60_000);

test('config defaults shows what applies, and from where', async () => {
  const { stdout } = await run(['config', 'defaults'], { SIPCAP_DB: 'sqlite:x' });
  expect(stdout).toBe(
    `db: sqlite:${at('calls.db')}  # ${file}:2; for commands that read; SIPCAP_DB is set and goes before it\ntz: Europe/Berlin  # ${file}:3\ntime: epoch  # ${file}:4\n`,
  );
});

test.each([
  ['tz: UTC\nnmaes: x\n', ":2: unknown setting 'nmaes': did you mean 'names'?"],
  ['\ntime: fast\n', ':2: invalid time: expected none, epoch, delta, date, elapsed'],
  ['tz: [\n', ':2: '],
  ['- a\n', ':1: expected settings, a line each: tz: Europe/Berlin'],
])('an error names file and line: %j', async (text, expected) => {
  writeFileSync(at('wrong.yaml'), text);
  const ended = await run(['config', 'defaults'], { SIPCAP_CONFIG: at('wrong.yaml') });
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(`sipcap: ${at('wrong.yaml')}${expected}`)]);
});

test('serve reads none', async () => {
  const ended = await run(['serve', '-c', 'absent.yaml'], { SIPCAP_CONFIG: at('absent-too.yaml') });
  expect([ended.code, ended.stderr]).toEqual([2, 'sipcap: cannot read absent.yaml: no such file or folder\n']);
});
