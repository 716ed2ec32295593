/**
 * The Debian package in a root folder of its own (debootstrap): lintian, installed, run as its user with exactly the rights
 * of its unit, removed and purged; and the Containerfile by a linter from npm.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { query } from '../rigs/database.js';
import { root, until } from '../rigs/sipcap.js';
import { missing } from '../rigs/system-package.js';

const folder = mkdtempSync(join(tmpdir(), 'sipcap-package-'));
const chroot = join(folder, 'root');
const namespace = `sc${process.pid}p`;
const why =
  process.getuid!() !== 0
    ? 'needs root'
    : missing('debootstrap', 'debootstrap') || missing('lintian', 'lintian') || missing('ip', 'iproute2');
const inChroot = (...args: string[]) =>
  spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', 'mount --bind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', chroot, ...args],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    },
  );
const inNamespace = (...args: string[]) => spawnSync('ip', ['netns', 'exec', namespace, ...args], { encoding: 'utf8', cwd: folder });
const at = (path: string) => join(chroot, path);
let deb = '';
let noRoot = why;
let node: ChildProcess | null = null;

beforeAll(() => {
  if (why !== '') return;
  deb = execFileSync('bash', ['scripts/package.sh', '--fast', folder], { cwd: root, encoding: 'utf8' }).trim().split('\n').pop()!;
  // A root that was made before saves two minutes.
  const made = process.env.SIPCAP_TEST_CHROOT;
  if (made !== undefined) execFileSync('cp', ['-a', made, chroot]);
  else {
    const { status, stdout } = spawnSync('debootstrap', ['--variant=minbase', 'bookworm', chroot], {
      encoding: 'utf8',
    });
    if (status !== 0) noRoot = `debootstrap: ${stdout.trim().split('\n').pop()}`;
  }
  // Nothing is started at installation.
  if (noRoot === '') writeFileSync(at('usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  spawnSync('ip', ['netns', 'add', namespace]);
}, 900_000);

afterAll(() => {
  node?.kill('SIGKILL');
  spawnSync('ip', ['netns', 'del', namespace]);
  rmSync(folder, { recursive: true, force: true });
});

(why === '' ? describe : describe.skip)(`the package, installed${why === '' ? '' : ` (${why})`}`, () => {
  test('lintian has no errors and no warnings', () => {
    const { stdout } = spawnSync('lintian', ['--allow-root', deb], { encoding: 'utf8' });
    expect(stdout).toBe('');
  }, 300_000);

  test('installed: the user, its folders, the rights of the configuration', () => {
    expect(noRoot).toBe('');
    cpSync(deb, at('tmp/sipcap.deb'));
    const installed = inChroot('apt-get', 'install', '-y', '-qq', '--no-install-recommends', '/tmp/sipcap.deb');
    expect([installed.status, installed.stderr.replace(/^(?:debconf|N|W): .*\n/gm, '')]).toEqual([0, expect.not.stringMatching(/error/i)]);
    expect(inChroot('sipcap', '--version').stdout).toMatch(/^sipcap\/\S+ linux-\w+ node-v22\.\d+\.\d+\n$/);
    expect(inChroot('stat', '-c', '%U:%G %a %n', '/etc/sipcap/serve.yaml', '/var/lib/sipcap', '/var/spool/sipcap').stdout).toBe(
      'root:sipcap 640 /etc/sipcap/serve.yaml\nsipcap:sipcap 750 /var/lib/sipcap\nsipcap:sipcap 750 /var/spool/sipcap\n',
    );
  }, 600_000);

  test('runs as its user with the rights of its unit: HEP, an interface, database, FIFO, spool; and no others', async () => {
    expect(noRoot).toBe('');
    // A target that nobody answers for: what waits goes to the spool.
    appendFileSync(
      at('etc/sipcap/serve.yaml'),
      'live:\n  interfaces: [lo]\nhep_targets: [hep_tcp:127.0.0.1:9]\nspool:\n  directory: /var/lib/sipcap/spool\n',
    );
    const confined = (...args: string[]) => [
      'netns',
      'exec',
      namespace,
      'unshare',
      '--mount',
      join(root, 'test/package/confined.sh'),
      chroot,
      ...args,
    ];
    const denied = spawnSync('ip', confined('sh', '-c', 'touch /etc/sipcap/x /usr/x /var/x /home/x; cat /proc/self/status'), {
      encoding: 'utf8',
    });
    expect(denied.stderr.match(/Read-only file system/g)).toHaveLength(4);
    expect(denied.stdout).toMatch(/^CapEff:\t0{12}2000$/m);
    expect(denied.stdout).toMatch(/^CapBnd:\t0{12}2000$/m);
    node = spawn('ip', confined('/usr/bin/sipcap', 'serve', '-c', '/etc/sipcap/serve.yaml'), { stdio: ['ignore', 'ignore', 'pipe'] });
    let logged = '';
    node.stderr!.on('data', (text: Buffer) => (logged += String(text)));
    const ended = new Promise<number | null>((done) => node!.on('close', done));
    await until(() => logged.includes('serving /etc/sipcap/serve.yaml'), 'the node to serve', 60_000).catch(() =>
      expect(logged).toBe('serving'),
    );
    expect(logged).toContain('capturing on lo');
    const sent = inNamespace(
      process.execPath,
      join(root, 'bin/run.js'),
      'capture',
      'mirror',
      '-r',
      join(root, 'samples/sample.pcap'),
      '--hep',
      'hep_udp:127.0.0.1:9060',
      '--hep-id',
      '77',
      '-q',
    );
    expect(sent).toMatchObject({ status: 0 });
    const database = at('var/lib/sipcap/sipcap.db');
    const rows = async () => (await query<{ n: number }>(database, 'SELECT count(*) AS n FROM sip_capture').catch(() => [{ n: 0 }]))[0].n;
    await until(async () => (await rows()) >= 22, 'rows', 30_000);
    expect(statSync(database).mode & 0o777).toBe(0o640);
    const mi = inNamespace(process.execPath, join(root, 'bin/run.js'), 'mi', '--fifo', at('run/sipcap/fifo'), 'sip_capture');
    expect(mi.stdout).toBe('SIP capturing: on\n');
    const pid = /\d+/.exec(spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' }).stdout)![0];
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapEff:\t0{12}2000$/m);
    node.kill('SIGTERM');
    // 4: the target was away, and what is for it is in the spool; for the unit a success.
    expect([await ended, logged.includes('EACCES') || logged.includes('EROFS')]).toEqual([4, false]);
    expect(readdirSync(at('var/lib/sipcap/spool')).length).toBeGreaterThan(0);
  }, 180_000);

  test('removed: configuration and data stay; purged: nothing stays', () => {
    expect(noRoot).toBe('');
    expect(inChroot('dpkg', '--remove', 'sipcap').status).toBe(0);
    expect(['usr/bin/sipcap', 'usr/lib/sipcap', 'lib/systemd/system/sipcap.service'].filter((path) => existsSync(at(path)))).toEqual([]);
    expect(['etc/sipcap/serve.yaml', 'var/lib/sipcap/sipcap.db'].filter((path) => !existsSync(at(path)))).toEqual([]);
    expect(inChroot('dpkg', '--purge', 'sipcap').status).toBe(0);
    expect(['etc/sipcap', 'var/lib/sipcap', 'var/spool/sipcap'].filter((path) => existsSync(at(path)))).toEqual([]);
  }, 120_000);
});

test('a linter accepts the Containerfile', () => {
  const linter = join(folder, 'linter');
  execFileSync('mkdir', ['-p', linter]);
  writeFileSync(join(linter, 'package.json'), '{"private":true}');
  const installed = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', 'dockerfilelint@1.8.0'], {
    cwd: linter,
    encoding: 'utf8',
  });
  if (installed.status !== 0) return console.warn(`skipped: dockerfilelint cannot be installed: ${installed.stderr.trim()}`);
  const { status, stdout } = spawnSync(join(linter, 'node_modules/.bin/dockerfilelint'), [join(root, 'packaging/Containerfile')], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining('Issues: None found')]);
}, 120_000);
