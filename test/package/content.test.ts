/** The Debian package (here without its own runtime): what is in it and where; unit and configuration fit together. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../src/lib/config/index.js';
import { root, temporaryFolder } from '../rigs/sipcap.js';
import { missing } from '../rigs/system-package.js';

const why = missing('dpkg-deb', 'dpkg') || missing('dpkg-shlibdeps', 'dpkg-dev');
const folder = temporaryFolder();
const tree = join(folder.path, 'tree');
afterAll(() => folder.remove());
const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: root, encoding: 'utf8' });
const unit = readFileSync(join(root, 'samples/sipcap.service'), 'utf8');
const setting = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);

(why === '' ? describe : describe.skip)(`the package${why === '' ? '' : ` (${why})`}`, () => {
  beforeAll(() => {
    const deb = run('bash', 'scripts/package.sh', '--system-node', '--fast', folder.path).trim().split('\n').pop()!;
    mkdirSync(tree);
    run('dpkg-deb', '-x', deb, tree);
    run('dpkg-deb', '-e', deb, join(folder.path, 'control'));
  }, 300_000);

  test('program, unit, users, configuration, man pages, completion', () => {
    const manPages = readdirSync(join(root, 'man')).map((page) => `usr/share/man/man1/${page}.gz`);
    for (const path of [
      'etc/sipcap/serve.yaml',
      'lib/systemd/system/sipcap.service',
      'usr/bin/sipcap',
      'usr/lib/sysusers.d/sipcap.conf',
      'usr/lib/tmpfiles.d/sipcap.conf',
      'usr/share/bash-completion/completions/sipcap',
      'usr/share/doc/sipcap/copyright',
      'usr/share/doc/sipcap/examples/prometheus-alerts.yaml',
      'usr/share/zsh/vendor-completions/_sipcap',
      ...manPages,
    ])
      expect([path, statSync(join(tree, path)).isFile()]).toEqual([path, true]);
    const control = readFileSync(join(folder.path, 'control/control'), 'utf8');
    expect(control).toMatch(/^Depends: .*libc6.*libpcap0\.8.*systemd-sysusers.*nodejs \(>= 20\.17\)$/m);
    expect(readFileSync(join(folder.path, 'control/conffiles'), 'utf8')).toBe('/etc/sipcap/serve.yaml\n');
    expect(readFileSync(join(tree, 'usr/share/doc/sipcap/copyright'), 'utf8')).toMatch(/\nmysql2 [\d.]+ \(MIT\)\n/);
  });

  test('production modules only, and they work', () => {
    const library = join(tree, 'usr/lib/sipcap');
    const modules = readdirSync(join(library, 'node_modules'));
    for (const name of ['jest', 'typescript', 'oclif', 'prettier', 'node-gyp', 'nan']) expect(modules).not.toContain(name);
    const result = spawnSync(
      process.execPath,
      [
        join(library, 'bin/run.js'),
        'capture',
        'mirror',
        '-r',
        join(root, 'samples/sample.pcap'),
        '--db',
        `sqlite:${join(folder.path, 'a.db')}`,
        '--summary',
        'short',
      ],
      { encoding: 'utf8' },
    );
    expect(result).toMatchObject({ status: 0, stderr: expect.stringContaining('22 messages, 22 delivered') as unknown });
    const names = [
      'mysql2',
      'pg',
      'pg-copy-streams',
      'pino',
      'prom-client',
      're2js',
      'string-width',
      'yaml',
      'zod',
      'fzstd',
      'cli-table3',
      'chalk',
      'ipaddr.js',
    ];
    const script = `for (const name of ${JSON.stringify(names)}) await import(name);`;
    writeFileSync(join(library, 'try.mjs'), script);
    expect(spawnSync(process.execPath, ['try.mjs'], { cwd: library, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('its serve.yaml is in order and writes only where the unit lets it', () => {
    const file = join(tree, 'etc/sipcap/serve.yaml');
    const { report, settings } = loadSettings({ file, environment: {}, flags: [] });
    expect(report).toBe('');
    const state = `/var/lib/${setting('StateDirectory')[0]}/`;
    expect(settings!.databases.map(({ db, quarantine }) => [db.replace('sqlite:', ''), quarantine])).toEqual([
      [`${state}sipcap.db`, `${state}quarantine.ndjson`],
    ]);
    expect(settings!.mi.fifo).toBe(`/run/${setting('RuntimeDirectory')[0]}/fifo`);
    expect(readFileSync(file, 'utf8')).toContain(`directory: ${state}spool`);
    const shipped = readFileSync(join(tree, 'lib/systemd/system/sipcap.service'), 'utf8');
    expect(shipped).toContain('\nExecStart=/usr/bin/sipcap serve -c /etc/sipcap/serve.yaml\n');
  });
});

describe('the unit', () => {
  const absent = spawnSync('systemd-analyze', ['--version']).error !== undefined ? 'needs systemd-analyze' : '';

  test('exit codes: 4 is no failure, 2 is not tried again', () => {
    expect([setting('SuccessExitStatus'), setting('RestartPreventExitStatus'), setting('Restart')]).toEqual([['4'], ['2'], ['on-failure']]);
    expect([setting('User'), setting('CapabilityBoundingSet'), setting('AmbientCapabilities')]).toEqual([
      ['sipcap'],
      ['CAP_NET_RAW'],
      ['CAP_NET_RAW'],
    ]);
  });

  (absent === '' ? test : test.skip)(`systemd-analyze verify and security${absent === '' ? '' : ` (${absent})`}`, () => {
    const file = join(root, 'samples/sipcap.service');
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file], { encoding: 'utf8' });
    expect(verified).toMatchObject({ status: 0, stderr: '' });
    // 0 is best, 10 worst; a network service without any of this has 9.6.
    expect(spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=25', file], { encoding: 'utf8' })).toMatchObject({
      status: 0,
    });
  });
});

test('the types of optional packages are not needed to compile: npm leaves out those that cannot be built', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
  const names = Object.keys(optionalDependencies).join('|');
  const named = new RegExp(`from '(?:${names})'|import\\('(?:${names})'\\)`, 'g');
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.flatMap((name) => readFileSync(join(root, 'src', name), 'utf8').match(named) ?? [])).toEqual([]);
});
