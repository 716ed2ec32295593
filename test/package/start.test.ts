/** npm start on a machine without network, in a namespace of its own: what cannot be reached and the way out, within 20 s. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { checkout } from '../rigs/installation.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const mayUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;
const isRoot = process.getuid!() === 0;

(mayUnshare ? test : test.skip)(
  'npm start without network',
  () => {
    const home = join(folder.path, 'home');
    mkdirSync(home);
    const copy = checkout(join(folder.path, 'copy'));
    const env = { PATH: process.env.PATH, HOME: home, npm_config_registry: 'https://registry.example.org/' };
    const begun = process.hrtime.bigint();
    const ended = spawnSync('unshare', ['-n', 'npm', 'start'], { cwd: copy, env, encoding: 'utf8', timeout: 60_000 });
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
    expect([ended.status, ended.stderr]).toEqual([
      4,
      expect.stringMatching(
        /^cannot reach the npm registry https:\/\/registry\.example\.org\/ \([^)]+\): .*not installed\ncheck the network, name a proxy or mirror \(npm config set /m,
      ),
    ]);
    expect(seconds).toBeLessThan(20);
  },
  90_000,
);

const hasApt = spawnSync('apt-get', ['--version']).status === 0;
(mayUnshare && isRoot && hasApt ? test : test.skip)('system packages without network', () => {
  const script = join(import.meta.dirname, '../../scripts/system-packages.sh');
  const shown = execFileSync('unshare', ['-n', 'bash', script, 'sipcap-no-such-package'], { encoding: 'utf8', timeout: 20_000 });
  expect(shown).toMatch(
    /^cannot reach the Debian mirror \S+ \(tried \S+ port \d+\): not installed: sipcap-no-such-package\ncheck the network .*apt-get install -y sipcap-no-such-package\n$/,
  );
});

test('a slow step reports every few seconds what goes on and how long it has taken, and shows what failed', () => {
  const steps = join(import.meta.dirname, '../../scripts/steps.sh');
  const run = (command: string) => spawnSync('bash', ['-c', `. '${steps}'; step waiting sh -c '${command}'`], { encoding: 'utf8' });
  expect(run('sleep 5.6').stdout).toMatch(/^waiting \.\.\.\nwaiting \.\.\. [5-9] s\n(?:.*\n)*waiting: done in \d+ s\n$/);
  expect(run('echo no such thing; exit 7')).toMatchObject({
    status: 7,
    stdout: expect.stringMatching(/^waiting \.\.\.\nwaiting: failed after \d+ s\n {2}no such thing\n$/) as unknown,
  });
});
