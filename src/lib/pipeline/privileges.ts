/**
 * `--user`: capture processes, listeners and FIFOs are opened as root, everything else runs as another user.
 * The order that leaves no file the user cannot write: `accountOf` (before anything is opened), open what
 * needs root, `dropTo`, `checkWritable`, and only then create files. What had to be created before is given away by `giveTo`.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, fchownSync, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../base/index.js';
import { parseDatabaseUrl } from '../store/index.js';

export interface Account {
  name: string;
  user: number;
  group: number;
}

/** What Node has and its type package leaves out. */
type WithGroups = NodeJS.Process & { initgroups(user: string, group: number): void };

/** Files that SQLite puts beside a database. */
const BESIDE_DATABASE = ['', '-wal', '-shm', '-journal'];

/** Throws a UsageError if this process is not root or the user does not exist. */
export function accountOf(name: string): Account {
  if (process.getuid?.() !== 0) throw new UsageError(`cannot run as user '${name}': requires starting as root; or leave the user out`);
  return { name, user: idOf('-u', name), group: idOf('-g', name) };
}

export interface WrittenOptions {
  db?: string;
  write?: string;
  spool: string;
  quarantine: string;
}

/** The last step of a start as root: hands over files created since `before`, drops privileges, and checks access. */
export function dropPrivileges(account: Account, paths: readonly string[], before: ReadonlySet<string>): void {
  giveTo(account, paths, before);
  dropTo(account.name);
  checkWritable(paths);
}

/** Makes this process that user's, with their groups. */
export function dropTo(name: string): void {
  const { user, group } = accountOf(name);
  (process as WithGroups).initgroups(name, group);
  process.setgid!(group);
  process.setuid!(user);
}

/** After dropping privileges: throws a UsageError that names the first file or folder that cannot be written. */
export function checkWritable(paths: readonly string[]): void {
  for (const path of paths) {
    for (const one of existing(path)) {
      try {
        accessSync(one, constants.W_OK);
      } catch {
        throw new UsageError(`cannot write ${one}: it belongs to another user (chown it, or remove it)`);
      }
    }
  }
}

/**
 * Gives files and folders that this process has created as root to the account; `before` is what `existing()` found
 * when nothing was created yet: that stays with its owner. Links are not followed.
 */
export function giveTo({ user, group }: Account, paths: readonly string[], before: ReadonlySet<string>): void {
  for (const path of paths) for (const one of existing(path)) if (!before.has(one)) chown(one, user, group);
}

/** The existing files of a path: a database with the files beside it, a folder with its content; else the folder it would be created in. */
export function existing(path: string): string[] {
  const found = BESIDE_DATABASE.map((suffix) => `${path}${suffix}`).filter((one) => existsSync(one));
  return found.length === 0 ? [nearestFolder(dirname(path))] : found.flatMap(within);
}

/** What outputs with these options write into; a quarantine that was never needed is made when it is. */
export function outputPaths({ db, write, spool, quarantine }: WrittenOptions): string[] {
  const database = db === undefined || db === '' ? null : parseDatabaseUrl(db);
  const paths = [database?.path ?? '', spool, write ?? '', existsSync(quarantine) ? quarantine : ''];
  // Names with conversions are those of files that begin later.
  return paths
    .filter((path) => path !== '' && path !== '-' && path !== ':memory:')
    .map((path) => (path.includes('%') ? dirname(path) : path));
}

function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path));
}

function within(path: string): string[] {
  if (!lstatSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path).flatMap((name) => within(join(path, name)))];
}

/** A file by what was opened, so that no link takes its place meanwhile; FIFOs, sockets and folders by their name. */
function chown(path: string, user: number, group: number): void {
  if (!lstatSync(path).isFile()) return lchownSync(path, user, group);
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    // A hard link may belong to a file somewhere else.
    if (fstatSync(descriptor).nlink === 1) fchownSync(descriptor, user, group);
  } finally {
    closeSync(descriptor);
  }
}

function idOf(which: '-u' | '-g', name: string): number {
  try {
    return Number(execFileSync('id', [which, '--', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    throw new UsageError(`unknown user '${name}'`);
  }
}
