/** Opens an SQLite file. */
import sqlite3 from 'sqlite3';

/** Milliseconds to wait for another process's write. */
export const BUSY_MS = 5000;

export async function opened(path: string, mode: number): Promise<sqlite3.Database> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const made: sqlite3.Database = new sqlite3.Database(path, mode, (error) => (error === null ? resolve(made) : reject(error)));
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
