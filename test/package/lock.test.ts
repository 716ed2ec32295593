/** The lock file: every package has its checksum, and the list of parts (SBOM) can be made of it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../rigs/sipcap.js';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  inBundle?: boolean;
  dev?: boolean;
  devOptional?: boolean;
}

const { lockfileVersion, packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  lockfileVersion: number;
  packages: Record<string, Locked>;
};
const all = Object.entries(packages).filter(([path]) => path !== '');

test('every package has a checksum, and none comes from a folder or repository', () => {
  expect(lockfileVersion).toBe(3);
  const wrong = all.filter(
    ([, { integrity = '', resolved = 'https://', inBundle = false }]) =>
      !inBundle && !(integrity.startsWith('sha512-') && resolved.startsWith('https://')),
  );
  expect(all.length).toBeGreaterThan(100);
  expect(wrong.map(([path]) => path)).toEqual([]);
});

test('npm sbom lists every package that is installed with the program', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  expect([status, stderr]).toEqual([0, '']);
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: { name: string; version: string }[] };
  const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const wanted = all.filter(([, { dev, devOptional, link }]) => dev !== true && devOptional !== true && link !== true);
  const missing = wanted
    .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
    .filter((name) => !named.has(name));
  expect([bomFormat, missing]).toEqual(['CycloneDX', []]);
}, 60_000);
