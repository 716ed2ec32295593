/**
 * A lock on an open file (flock): by the addon native/file-lock.c, or by flock(1), which inherits the descriptor, locks
 * it and ends; the lock belongs to the open file and stays. The kernel releases it with the process.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getSystemErrorName } from 'node:util';

interface FileLockAddon {
  /** 0, or an errno. */
  lock(descriptor: number, exclusive: boolean): number;
}

/** `held`: another process has it; else '' or why it cannot be locked at all. */
export type LockResult = { held: boolean; problem: string };

const LOCKED: LockResult = { held: false, problem: '' };
const HELD: LockResult = { held: true, problem: '' };
/** Exit code of flock(1) for a lock that is held: one that it gives to no other failure. */
const HELD_CODE = 99;

export type LockFile = (descriptor: number, exclusive: boolean) => LockResult;

/** Never waits. */
export const lockFile: LockFile = (descriptor, exclusive) => {
  const addon = loadAddon();
  return addon === null ? lockByProgram(descriptor, exclusive) : lockByAddon(addon, descriptor, exclusive);
};

function lockByAddon(addon: FileLockAddon, descriptor: number, exclusive: boolean): LockResult {
  const error = addon.lock(descriptor, exclusive);
  if (error === 0) return LOCKED;
  const name = getSystemErrorName(-error);
  return name === 'EAGAIN' || name === 'EWOULDBLOCK' ? HELD : { held: false, problem: `flock: ${name}` };
}

export function lockByProgram(descriptor: number, exclusive: boolean, program = 'flock'): LockResult {
  const stdio = ['ignore' as const, 'ignore' as const, 'pipe' as const, descriptor];
  const result = spawnSync(program, ['-n', '-E', String(HELD_CODE), exclusive ? '-x' : '-s', '3'], { stdio, encoding: 'utf8' });
  if (result.error !== undefined)
    return { held: false, problem: `the addon native/file-lock.c is not built and ${program}(1) cannot run (${result.error.message})` };
  if (result.status === 0) return LOCKED;
  return result.status === HELD_CODE
    ? HELD
    : { held: false, problem: `${program}(1): ${result.stderr.trim() || `exit code ${result.status}`}` };
}

function loadAddon(): FileLockAddon | null {
  if (process.platform !== 'linux') return null;
  try {
    return createRequire(import.meta.url)(
      fileURLToPath(new URL('../../../../build/Release/file_lock.node', import.meta.url)),
    ) as FileLockAddon;
  } catch {
    return null;
  }
}
