/** npm start in a fresh checkout without a compiler: progress, a word on what is missing, and the sample on the screen. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { checkout } from '../rigs/installation.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const COMPILERS = /^(?:\S+-linux-gnu-.*|(?:g\+\+|gcc|cc|c\+\+|clang|make|gmake|python).*)$/;

test('npm start without a compiler', () => {
  const tools = join(folder.path, 'bin');
  const home = join(folder.path, 'home');
  mkdirSync(tools);
  mkdirSync(home);
  for (const name of readdirSync('/usr/bin')) if (!COMPILERS.test(name)) symlinkSync(join('/usr/bin', name), join(tools, name));
  const copy = checkout(join(folder.path, 'copy'));
  // Not a binary that others compiled, either.
  const env = { PATH: tools, HOME: home, SIPCAP_START: 'once', npm_config_build_from_source: 'true' };
  const ended = spawnSync('npm', ['start'], { cwd: copy, env, encoding: 'utf8', timeout: 600_000 });
  expect([ended.status, ended.stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
  for (const expected of [
    /^not installed: g\+\+ make python3; the optional parts that are compiled may be missing:$/m,
    /^installing npm packages .* \.\.\. \d+ s$/m,
    /^ {2}sipcap: could not build the addon for batched UDP .*; UDP uses Node's own sockets, which are slower$/m,
    /^building sipcap: done in \d+ s$/m,
    /INVITE \(sdp\) +alice@example\.com/,
  ])
    expect(ended.stdout).toMatch(expected);
  if (process.versions.node.startsWith('20.'))
    expect(ended.stdout).toMatch(
      /^sipcap: SQLite is not available: .*\n.*\ncontinuing without a database: messages are shown, and not stored$/m,
    );
}, 660_000);
