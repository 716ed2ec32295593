/** A copy of the built program in a folder of its own, where packages can be left out. */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './sipcap.js';

/** Copies the program to `folder`; its packages are links to those of this checkout. Returns the path of bin/run.js. */
export function copyInstallation(folder: string, { without = [] as string[] } = {}): string {
  for (const name of ['bin', 'dist', 'package.json', 'oclif.manifest.json', 'native', 'sql', 'schema', 'samples'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!without.includes(name)) symlinkSync(join(root, 'node_modules', name), join(packages, name));
  return join(folder, 'bin/run.js');
}
