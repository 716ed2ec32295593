/**
 * SQLite through the sqlite3 package, whose calls run in libuv's threads. The package is optional, and imported here alone:
 * where it fails under a static import, Node.js 20 ends the process even though the importer catches the error.
 */
import type { ResultRow } from '../sql/queries.js';
import { BUSY_MS, type OpenMode, type OpenSqlite, type SqliteDatabase, type SqliteStatement } from './database.js';

type Done = (error: Error | null) => void;

/** What is called of the package; its own types are missing where it is. */
interface Library {
  OPEN_READONLY: number;
  OPEN_READWRITE: number;
  OPEN_CREATE: number;
  OPEN_URI: number;
  Database: new (path: string, flags: number, done: Done) => Database;
}

interface Database {
  configure(option: 'busyTimeout', value: number): void;
  serialize(): void;
  exec(sql: string, done: Done): void;
  run(sql: string, values: readonly unknown[], done: (this: { changes: number }, error: Error | null) => void): void;
  all(sql: string, values: readonly unknown[], done: (error: Error | null, rows: unknown[]) => void): void;
  prepare(sql: string, done: Done): Statement;
  interrupt(): void;
  close(done: Done): void;
}

interface Statement {
  run(values: readonly unknown[], done: Done): void;
  finalize(): void;
}

export async function packageBinding(): Promise<OpenSqlite> {
  const { default: library } = (await import('sqlite3' as string)) as { default: Library };
  return function openWithPackage(path, mode) {
    return open(library, path, mode);
  };
}

async function open(library: Library, path: string, mode: OpenMode): Promise<SqliteDatabase> {
  const access = mode === 'read' ? library.OPEN_READONLY : library.OPEN_READWRITE | (mode === 'create' ? library.OPEN_CREATE : 0);
  const flags = access | (path.startsWith('file:') ? library.OPEN_URI : 0);
  const database = await new Promise<Database>((resolve, reject) => {
    const made: Database = new library.Database(path, flags, (error) => (error === null ? resolve(made) : reject(error)));
  });
  database.configure('busyTimeout', BUSY_MS);
  database.serialize();
  return {
    execute: (sql) => settled((done) => database.exec(sql, done)),
    run: (sql, values) =>
      new Promise((resolve, reject) => {
        database.run(sql, values, function done(this: { changes: number }, error: Error | null) {
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
async function prepared(database: Database, sql: string): Promise<SqliteStatement> {
  const statement = await new Promise<Statement>((resolve, reject) => {
    const made: Statement = database.prepare(sql, (error: Error | null) => (error === null ? resolve(made) : reject(error)));
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
