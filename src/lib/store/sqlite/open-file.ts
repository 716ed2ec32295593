/** Opens an SQLite file with the library that there is; SQLite itself reports only that it cannot open one. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../base/index.js';
import { sqliteBinding } from './binding.js';
import type { OpenMode, SqliteDatabase } from './database.js';

/** `uri`: the file's, where it is opened with parameters. */
export async function openSqlite(path: string, mode: OpenMode, uri = path): Promise<SqliteDatabase> {
  const open = await sqliteBinding();
  try {
    return await open(uri, mode);
  } catch (error) {
    throw mode === 'create' ? error : ((await closedFile(path, mode)) ?? error);
  }
}

/** Whether an error may be for want of a right: SQLite itself does not say. */
export function isDenied(error: unknown): boolean {
  return /CANTOPEN|READONLY|EACCES|EPERM/.test((error as NodeJS.ErrnoException).code ?? '');
}

/** Why this account cannot open it, or write to it; null where it can. */
export async function closedFile(path: string, mode: OpenMode): Promise<UsageError | null> {
  const refused = (why: string) => new UsageError(`cannot open database sqlite:${path}: ${why}`);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return refused('is a folder; name a file in it');
  if (mode === 'read') return (await isAllowed(path, constants.R_OK)) ? null : refused('no permission to read it');
  if (!(await isAllowed(path, constants.R_OK | constants.W_OK))) return refused('no permission to read and write it');
  const real = await realpath(path);
  const folder = dirname(real === resolve(path) ? path : real);
  return (await isAllowed(folder, constants.W_OK | constants.X_OK))
    ? null
    : refused(`no permission to write in ${folder}, where its write-ahead log belongs`);
}

async function isAllowed(path: string, right: number): Promise<boolean> {
  return access(path, right).then(
    () => true,
    () => false,
  );
}
