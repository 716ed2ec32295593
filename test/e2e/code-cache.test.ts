/** The bundle starts with V8's code cache, and as well with one that does not fit or without any. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { root, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

/** Of V8: whether it refused the cache, or `undefined` where it was not given one. */
const verdict = (place: string, name = 'sipcap') => {
  const code = `import('${place}/dist/start.js').then(({ compiled, compile }) => console.log((compiled.get('${name}') ?? compile('${name}')).script.cachedDataRejected))`;
  return execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }).trim();
};

test.each(['sipcap', 'mysql2'])('the cache of %s fits this bundle and this Node.js', (name) => expect(verdict(root, name)).toBe('false'));

test('without a cache that fits, the bundle is compiled', () => {
  for (const name of ['bin', 'package.json', 'oclif.manifest.json', 'dist/start.js', 'dist/bundle']) {
    mkdirSync(join(at(name), '..'), { recursive: true });
    cpSync(join(root, name), at(name), { recursive: true });
  }
  for (const name of ['node_modules', 'sql', 'build', 'samples']) symlinkSync(join(root, name), at(name));
  const works = () => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [at('bin/run.js'), 'call', 'list', '-r', at('samples/sample.pcap'), '--format', 'csv'],
      {
        encoding: 'utf8',
      },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').length).toBeGreaterThan(3);
  };
  const cache = at('dist/bundle/sipcap.cache');
  const whole = readFileSync(cache);
  works();
  // Of another bundle: not even shown to V8.
  writeFileSync(cache, Buffer.concat([Buffer.from('0'.repeat(64)), whole.subarray(64)]));
  expect(verdict(folder.path)).toBe('undefined');
  works();
  // Cut, and of another V8.
  writeFileSync(cache, whole);
  truncateSync(cache, 100_000);
  expect(verdict(folder.path)).toBe('true');
  works();
  const other = Buffer.from(whole);
  other.writeUInt32LE(other.readUInt32LE(68) ^ 1, 68);
  writeFileSync(cache, other);
  expect(verdict(folder.path)).toBe('true');
  works();
  rmSync(cache);
  expect(verdict(folder.path)).toBe('undefined');
  works();
}, 60_000);
