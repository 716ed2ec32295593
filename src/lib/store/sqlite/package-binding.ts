/**
 * SQLite through the sqlite3 package, whose calls run in libuv's threads. The package is optional, and imported here alone:
 * where it fails under a static import, Node.js 20 ends the process even though the importer catches the error.
 */
import type sqlite3 from 'sqlite3';
import type { ResultRow } from '../sql/queries.js';
import { BUSY_MS, type OpenMode, type OpenSqlite, type SqliteDatabase, type SqliteStatement } from './database.js';

export async function packageBinding(): Promise<OpenSqlite> {
  const library = (await import('sqlite3')).default;
  return function openWithPackage(path, mode) {
    return open(library, path, mode);
  };
}

async function open(library: typeof sqlite3, path: string, mode: OpenMode): Promise<SqliteDatabase> {
  const access = mode === 'read' ? library.OPEN_READONLY : library.OPEN_READWRITE | (mode === 'create' ? library.OPEN_CREATE : 0);
  const flags = access | (path.startsWith('file:') ? library.OPEN_URI : 0);
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const made: sqlite3.Database = new library.Database(path, flags, (error) => (error === null ? resolve(made) : reject(error)));
  });
  database.configure('busyTimeout', BUSY_MS);
  database.serialize();
  return {
    execute: (sql) => settled((done) => database.exec(sql, done)),
    run: (sql, values) =>
      new Promise((resolve, reject) => {
        database.run(sql, values, function done(this: sqlite3.RunResult, error: Error | null) {
          if (error === null) resolve(this.changes);
          else reject(error);
        });
      }),
    all: (sql, values) =>
      new Promise((resolve, reject) => {
        database.all(sql, values, (error: Error | null, rows: unknown[]) =>
          error === null ? resolve(rows as ResultRow[]) : reject(error),
        );
      }),
    prepare: (sql) => prepared(database, sql),
    interrupt: () => database.interrupt(),
    // Its queue is in order: everything requested before, finalised statements included, is done when this returns.
    close: () => settled((done) => database.close(done)),
  };
}

/** A statement that cannot be prepared would never call back when it is run. */
async function prepared(database: sqlite3.Database, sql: string): Promise<SqliteStatement> {
  const statement = await new Promise<sqlite3.Statement>((resolve, reject) => {
    const made: sqlite3.Statement = database.prepare(sql, (error: Error | null) => (error === null ? resolve(made) : reject(error)));
  });
  return {
    run: (values) => settled((done) => statement.run(values, done)),
    finalize: () => void statement.finalize(),
  };
}

function settled(call: (done: (error: Error | null) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error === null ? resolve() : reject(error)));
  });
}
