/** The store that a `db_url` names; its driver file, and with it the database's client, is loaded only here. */
import { parseDatabaseUrl } from './url.js';
import type { Store } from './store.js';

export async function loadStore(text: string): Promise<Store> {
  const url = parseDatabaseUrl(text);
  switch (url.kind) {
    case 'sqlite': {
      const { SqliteStore } = await import('./sqlite.js');
      return new SqliteStore(url.path);
    }
    default:
      throw new Error(`no driver for ${url.kind} yet`);
  }
}
