/** npm start where it takes longer: with a network in which nothing answers, and without a compiler. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checkout } from '../rigs/installation.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);
const mayUnshare = process.getuid!() === 0 && spawnSync('unshare', ['-n', '-m', 'true']).status === 0;

describe('a network in which nothing answers', () => {
  /** What is sent on this interface goes nowhere, and nothing comes back. */
  const VANISHING =
    'ip link set lo up; ip link add away type veth peer name nowhere; ip address add 192.0.2.1/24 dev away; ' +
    'ip link set nowhere up; ip link set away arp off up; ip route add default dev away; ';
  const NO_NAMES = 'echo nameserver 192.0.2.53 > "$HOME/resolv.conf"; mount --bind "$HOME/resolv.conf" /etc/resolv.conf; ';

  /** A shell command that starts a registry which answers as `answer` says, else never, and waits until it listens. */
  function silentRegistry(answer = ''): string {
    const program = `require('http').createServer((request, response) => { ${answer} }).listen(4873, '127.0.0.1', () => console.log('ready'))`;
    return `mkfifo "$HOME/ready"; ${process.execPath} -e "${program}" > "$HOME/ready" & trap "kill $!" EXIT; read -r line < "$HOME/ready"; `;
  }

  /** npm start after `commands`, in namespaces of its own. */
  function startAfter(name: string, commands: string, variables: NodeJS.ProcessEnv) {
    const copy = checkout(at(name));
    const home = at(`home-${name}`);
    mkdirSync(home);
    const env = { PATH: process.env.PATH, HOME: home, ...variables };
    const begun = process.hrtime.bigint();
    const args = ['-n', '-m', 'bash', '-c', `set -e; ${VANISHING}${commands}npm start`];
    const { status, stdout, stderr } = spawnSync('unshare', args, { cwd: copy, env, encoding: 'utf8', timeout: 180_000 });
    return { status, stdout, stderr, seconds: Number(process.hrtime.bigint() - begun) / 1e9 };
  }

  const unreachable = (registry: string, reason: string) =>
    expect.stringMatching(
      new RegExp(
        `^cannot reach the npm registry ${registry} \\(${reason}\\): .*not installed\ncheck the network, name a proxy or mirror \\(npm config set `,
        'm',
      ),
    ) as unknown;

  (mayUnshare ? test : test.skip).each([
    ['packets', '', 'http://198.51.100.7/'],
    ['names', NO_NAMES, 'http://registry.example.org/'],
    ['silent', silentRegistry(), 'http://127.0.0.1:4873/'],
  ])(
    '%s',
    (name, commands, registry) => {
      const { status, stderr, seconds } = startAfter(name, commands, { npm_config_registry: registry });
      expect([status, stderr]).toEqual([4, unreachable(registry, '[^)]+')]);
      expect(seconds).toBeLessThan(20);
    },
    90_000,
  );

  (mayUnshare ? test : test.skip)(
    'a registry that stops answering during the installation',
    () => {
      const commands = silentRegistry("if (request.url === '/-/ping' && !globalThis.asked) { asked = true; response.end('{}'); }");
      const registry = 'http://127.0.0.1:4873/';
      const { status, stdout, stderr, seconds } = startAfter('stops', commands, { npm_config_registry: registry });
      expect([status, stderr]).toEqual([4, unreachable(registry, '[^)]+')]);
      expect(seconds).toBeLessThan(150);
      expect(stdout).toMatch(/^installing npm packages.*: failed after \d+ s$/m);
    },
    190_000,
  );
});

const COMPILERS = /^(?:\S+-linux-gnu-.*|(?:g\+\+|gcc|cc|c\+\+|clang|make|gmake|python).*)$/;

test('without a compiler: what is missing, progress, and the sample on the screen', () => {
  const tools = at('bin');
  mkdirSync(tools);
  mkdirSync(at('home'));
  for (const name of readdirSync('/usr/bin')) if (!COMPILERS.test(name)) symlinkSync(join('/usr/bin', name), join(tools, name));
  const env = { PATH: tools, HOME: at('home'), SIPCAP_START: 'once' };
  const ended = spawnSync('npm', ['start'], { cwd: checkout(at('copy')), env, encoding: 'utf8', timeout: 600_000 });
  if (ended.status !== 0) throw new Error(`exit code ${ended.status}: ${ended.stderr}${ended.stdout}`);
  expect(ended.stderr).not.toMatch(/error/i);
  for (const expected of [
    /^not installed: g\+\+ make python3; the optional parts that are compiled may be missing:$/m,
    /^installing npm packages \.\.\. \d+ s$/m,
    /^ {2}sipcap: could not build the addon for batched UDP .*; UDP uses Node's own sockets, which are slower$/m,
    /^building sipcap: done in \d+ s$/m,
    /INVITE \(sdp\) +alice@example\.com/,
  ])
    expect(ended.stdout).toMatch(expected);
  // The package sqlite3 may have found a binary that others compiled.
  if (process.versions.node.startsWith('20.') && !ended.stdout.includes('sipcap.db is ready'))
    expect(ended.stdout).toMatch(
      /^sipcap: SQLite is not available: .*\n.*\ncontinuing without a database: messages are shown, and not stored$/m,
    );
}, 660_000);
