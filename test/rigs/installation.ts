/** A copy of the built program in a folder of its own, where packages can be left out. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
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

/** Copies the files of the repository, without node_modules and what is built. */
export function checkout(folder: string): string {
  mkdirSync(folder);
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const name of files.split('\0'))
    if (/^(?!test\/|docs\/)./.test(name) && existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true });
  return folder;
}
