/** An SQLite database with promises around its calls; everything runs in the order it was asked. */
import sqlite3 from 'sqlite3';
import type { ColumnValue } from '../base/index.js';

/** Milliseconds to wait for another process's write. */
const BUSY_MS = 5000;
const PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;';

export class SqliteConnection {
  private constructor(private readonly database: sqlite3.Database) {}

  static open(path: string): Promise<SqliteConnection> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(path, (error) => {
        if (error !== null) {
          reject(error);
          return;
        }
        database.configure('busyTimeout', BUSY_MS);
        database.serialize();
        const connection = new SqliteConnection(database);
        connection.execute(PRAGMAS).then(() => resolve(connection), reject);
      });
    });
  }

  /** Statements without values or answers. */
  execute(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.exec(sql, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** One statement; answers how many rows it changed. */
  run(sql: string, values: ColumnValue[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.database.run(sql, values, function done(this: sqlite3.RunResult, error: Error | null) {
        if (error === null) resolve(this.changes);
        else reject(error);
      });
    });
  }

  all(sql: string, values: ColumnValue[] = []): Promise<Record<string, ColumnValue>[]> {
    return new Promise((resolve, reject) => {
      this.database.all(sql, values, (error: Error | null, rows: unknown[]) => {
        if (error === null) resolve(rows as Record<string, ColumnValue>[]);
        else reject(error);
      });
    });
  }

  prepare(sql: string): sqlite3.Statement {
    // Without a callback sqlite3 would throw the error as an event; a bad statement shows again when it is run.
    return this.database.prepare(sql, () => {});
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.close((error) => (error === null ? resolve() : reject(error)));
    });
  }
}
