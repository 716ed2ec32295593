/** The store that a `db_url` names; its driver file, and with it the database's client, is loaded only here. */
import { silentLog, systemClock } from '../base/index.js';
import { SqlStore } from './sql/sql-store.js';
import type { StoreOptions } from './store.js';
import { parseDatabaseUrl } from './url.js';

const ANSWER_MS = 60_000;

export async function loadStore(text: string, options: Partial<StoreOptions> = {}): Promise<SqlStore> {
  const url = parseDatabaseUrl(text);
  const all: StoreOptions = {
    log: silentLog,
    clock: systemClock,
    renames: {},
    partition: 'none',
    live: false,
    answerMs: ANSWER_MS,
    ...options,
  };
  switch (url.kind) {
    case 'sqlite': {
      const { connectSqlite } = await import('./sqlite/session.js');
      return new SqlStore(url, () => connectSqlite(url.path), all);
    }
    case 'mysql': {
      const { connectMysql } = await import('./mysql/session.js');
      return new SqlStore(url, () => connectMysql(url), all);
    }
    case 'postgresql': {
      const { connectPostgresql } = await import('./postgresql/session.js');
      return new SqlStore(url, () => connectPostgresql(url), all);
    }
  }
}
