/** Questions to an SQLite file, past the program's own driver. */
import sqlite3 from 'sqlite3';

export function query<T = Record<string, unknown>>(path: string, sql: string): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(path, (opened) => {
      if (opened !== null) {
        reject(opened);
        return;
      }
      database.all(sql, (error: Error | null, rows: T[]) => {
        database.close();
        if (error === null) resolve(rows);
        else reject(error);
      });
    });
  });
}

export async function count(path: string, table = 'sip_capture'): Promise<number> {
  const [row] = await query<{ n: number }>(path, `SELECT count(*) AS n FROM ${table}`);
  return row.n;
}
