/** Opens an SQLite file. */
import { access, constants, stat } from 'node:fs/promises';
import sqlite3 from 'sqlite3';
import { UsageError } from '../../base/index.js';

/** Milliseconds to wait for another process's write. */
export const BUSY_MS = 5000;

export async function opened(path: string, mode: number): Promise<sqlite3.Database> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const made: sqlite3.Database = new sqlite3.Database(path, mode, (error) => (error === null ? resolve(made) : reject(error)));
  }).catch(async (error: Error) => {
    throw (await closedFile(path, mode)) ?? error;
  });
  database.configure('busyTimeout', BUSY_MS);
  database.serialize();
  return database;
}

/** Its queue is in order: everything requested before, finalised statements included, is done when this returns. */
export function closed(database: sqlite3.Database): Promise<void> {
  return new Promise((resolve, reject) => {
    database.close((error) => (error === null ? resolve() : reject(error)));
  });
}

/** Where the file is one that may not be read or written: SQLite reports only that it cannot open it. */
async function closedFile(path: string, mode: number): Promise<UsageError | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return new UsageError(`cannot open database sqlite:${path}: is a folder; name a file in it`);
  const [right, word] =
    (mode & sqlite3.OPEN_READWRITE) === 0 ? [constants.R_OK, 'read'] : [constants.R_OK | constants.W_OK, 'read and write'];
  const isOpen = await access(path, right).then(
    () => true,
    () => false,
  );
  return isOpen ? null : new UsageError(`cannot open database sqlite:${path}: no permission to ${word} it`);
}
