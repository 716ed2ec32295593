/**
 * Two processes never share a spool. Its owner holds a lock on the file `lock`, which no other account may open (0600), so
 * that no other account can squat it. The file is never deleted: it only names the owner, for messages.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../base/index.js';
import { asUsageError, giveToOwnerOf } from './access.js';
import { lockFile, type LockFile } from './file-lock.js';

const NAME = 'lock';
/** An inspection holds the lock for a moment: retried a few times. */
const TRIES = 5;
const RETRY_MS = 20;

export interface SpoolLock {
  release(): void;
}

/** Who uses a spool; the process id is one of that host or container. */
export interface SpoolOwner {
  pid: number;
  host: string;
}

const UNKNOWN_OWNER: SpoolOwner = { pid: 0, host: '' };

/** Throws a UsageError that names the process using the spool, or the reason why it cannot be locked. */
export async function lockSpool(directory: string, lock: LockFile = lockFile): Promise<SpoolLock> {
  const path = join(directory, NAME);
  let descriptor = -1;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    giveToOwnerOf(path, descriptor);
    for (let tries = 1; ; tries++) {
      const { held, problem } = lock(descriptor, true);
      if (problem !== '') throw new UsageError(`cannot lock the spool ${directory}: ${problem}`);
      if (!held) break;
      if (tries === TRIES) throw inUse(directory, ownerIn(path));
      await sleep(RETRY_MS);
    }
    if (!isStillAt(path, descriptor)) throw new UsageError(`the file ${path} was replaced while it was being locked: try again`);
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid} ${hostname()}\n`, 0);
  } catch (error) {
    if (descriptor >= 0) closeSync(descriptor);
    throw asUsageError(error, 'lock the spool with', path, directory);
  }
  return {
    release() {
      if (descriptor >= 0) closeSync(descriptor);
      descriptor = -1;
    },
  };
}

/** The owner of a spool that is in use, or null. */
export function lockOwner(directory: string): SpoolOwner | null {
  const path = join(directory, NAME);
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'EACCES') return UNKNOWN_OWNER; // a reader of another account: it may be in use
    throw asUsageError(error, 'read', path, directory);
  }
  try {
    return lockFile(descriptor, false).held ? (ownerIn(path) ?? UNKNOWN_OWNER) : null;
  } finally {
    closeSync(descriptor);
  }
}

function ownerIn(path: string): SpoolOwner | null {
  const match = /^(\d+) (\S+)\n$/.exec(readFileSync(path, 'latin1'));
  return match === null ? null : { pid: Number(match[1]), host: match[2] };
}

function isStillAt(path: string, descriptor: number): boolean {
  const open = fstatSync(descriptor);
  const named = statSync(path, { throwIfNoEntry: false });
  return named !== undefined && named.ino === open.ino && named.dev === open.dev;
}

function inUse(directory: string, owner: SpoolOwner | null): UsageError {
  const elsewhere = owner === null || owner.host === hostname() ? '' : ` on ${owner.host}`;
  const who = owner === null ? 'another process' : `process ${owner.pid}${elsewhere}`;
  return new UsageError(`the spool ${directory} is in use by ${who}: two processes cannot share a spool`);
}
