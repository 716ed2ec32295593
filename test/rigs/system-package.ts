/** Programs of Debian packages that only a few tests need: installed when those run. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './sipcap.js';

/** Why a program cannot be used, '' where it can; installs its package first where this is root. */
export function missing(program: string, packageName: string): string {
  if (isThere(program)) return '';
  spawnSync('bash', [join(root, 'scripts/system-packages.sh'), packageName], { stdio: 'ignore' });
  return isThere(program) ? '' : `needs ${program} (${packageName})`;
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin; command -v ${program}`]).status === 0;
}
