/**
 * Questions to an SQLite file, past the program's own driver; by the library that the program uses, because two of them in
 * one process do not see each other's locks.
 */
import sqlite3 from 'sqlite3';

interface Builtin {
  DatabaseSync: new (path: string) => { prepare(sql: string): { all(): unknown[] }; close(): void };
}

export async function query<T = Record<string, unknown>>(path: string, sql: string): Promise<T[]> {
  if (process.env.SIPCAP_SQLITE === 'builtin') return builtin(path, sql) as T[];
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(path, (opened) => {
      if (opened !== null) {
        reject(opened);
        return;
      }
      database.all(sql, (error: Error | null, rows: T[]) => {
        database.close(() => (error === null ? resolve(rows) : reject(error)));
      });
    });
  });
}

function builtin(path: string, sql: string): unknown[] {
  const { DatabaseSync } = (process as unknown as { getBuiltinModule(name: string): Builtin }).getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path);
  try {
    // As the sqlite3 package gives them: plain objects, bytes as a Buffer.
    return database
      .prepare(sql)
      .all()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row as object).map(([name, value]) => [
            name,
            value instanceof Uint8Array ? Buffer.from(value) : (value as unknown),
          ]),
        ),
      );
  } finally {
    database.close();
  }
}

export async function count(path: string, table = 'sip_capture'): Promise<number> {
  const [row] = await query<{ n: number }>(path, `SELECT count(*) AS n FROM ${table}`);
  return row.n;
}
