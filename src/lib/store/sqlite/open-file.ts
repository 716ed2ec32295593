/** Opens an SQLite file with the library that there is; SQLite itself reports only that it cannot open one. */
import { access, constants, stat } from 'node:fs/promises';
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

/** Why this account cannot open it; null where it can. */
export async function closedFile(path: string, mode: OpenMode): Promise<UsageError | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return new UsageError(`cannot open database sqlite:${path}: is a folder; name a file in it`);
  const [right, word] = mode === 'read' ? [constants.R_OK, 'read'] : [constants.R_OK | constants.W_OK, 'read and write'];
  const isOpen = await access(path, right).then(
    () => true,
    () => false,
  );
  return isOpen ? null : new UsageError(`cannot open database sqlite:${path}: no permission to ${word} it`);
}
