/**
 * Who may use a spool. It belongs to one account: others must not write to it, and a single run as root must not leave
 * files in it that its account cannot read. Unreadable files are never deleted; the error suggests a solution.
 */
import { chownSync, constants, accessSync, fchownSync, readFileSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError, shellWord } from '../../base/index.js';
import { makeFolders } from './make-folders.js';

const WRITABLE_BY_OTHERS = 0o002;
const FULL_ACCESS = constants.R_OK | constants.W_OK | constants.X_OK;

/** Creates the folder where it is missing; throws a UsageError where this process cannot or should not use it. */
export function prepareFolder(directory: string): void {
  try {
    const created = makeFolders(directory, 0o750);
    if (created !== null) giveFolders(created, directory);
    const status = statSync(directory);
    if ((status.mode & WRITABLE_BY_OTHERS) !== 0)
      throw new UsageError(`the spool ${directory} is writable by every user (mode ${modeOf(status)}): chmod o-w ${shellWord(directory)}`);
    accessSync(directory, FULL_ACCESS);
  } catch (error) {
    throw asUsageError(error, 'use', directory, directory);
  }
}

/** A folder that is only read from: throws a UsageError where it is not there, or where that cannot be known. */
export function expectSpoolFolder(directory: string): void {
  try {
    if (!statSync(directory).isDirectory()) throw new UsageError(`${directory} is no folder`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UsageError(`no folder ${directory}: expected the folder given to --spool`);
    throw asUsageError(error, 'read', directory, directory);
  }
}

/** Files that root creates belong to the account whose spool it is. */
export function giveToOwnerOf(path: string, descriptor: number): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  if (uid !== 0) fchownSync(descriptor, uid, gid);
}

/** System errors as UsageErrors for the operator; other errors unchanged. */
export function asUsageError(error: unknown, doing: string, path: string, directory: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof UsageError) return error;
  const denied = code === 'EACCES' || code === 'EPERM';
  if (denied && isMissing(directory)) return notCreated(directory, code);
  const wayOut = denied
    ? ` (${ownerText(path, directory)}): run as that user, or chown -R ${accountText(process.geteuid?.() ?? 0)} ${shellWord(directory)}`
    : '';
  return new UsageError(`cannot ${doing} ${path}: ${code}${wayOut}; nothing in the spool was deleted`);
}

/** Nothing is there yet: an administrator creates it. */
function notCreated(directory: string, code: string): UsageError {
  const self = accountText(process.geteuid?.() ?? 0);
  return new UsageError(
    `cannot create the spool ${directory}: ${code} (running as ${self}): install -d -o ${self} -m 750 ${shellWord(directory)} as root, or name another folder`,
  );
}

function ownerText(path: string, directory: string): string {
  const status = statusOf(path) ?? statusOf(directory) ?? statusOf(dirname(directory));
  const self = accountText(process.geteuid?.() ?? 0);
  return status === null ? `running as ${self}` : `owner ${accountText(status.uid)}, mode ${modeOf(status)}, running as ${self}`;
}

function giveFolders(first: string, last: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(first));
  if (uid === 0) return;
  for (let folder = resolve(last); folder.length >= first.length; folder = dirname(folder)) chownSync(folder, uid, gid);
}

/** False where this account may not look. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function statusOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** The account's name if in /etc/passwd, else its number. */
function accountText(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'latin1')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(uid));
    return line?.split(':')[0] ?? String(uid);
  } catch {
    return String(uid);
  }
}
