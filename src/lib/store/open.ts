/** The store for a `db_url`; its driver file, and with it the database's client, is loaded only when it connects. */
import { silentLog, systemClock, UsageError } from '../base/index.js';
import { connect } from './connect.js';
import { serverUrls, shardUrls, shownUrl, type DatabaseUrl } from './database-url.js';
import { engineOf } from './engines.js';
import { RefusingTables } from './sql/refusing-tables.js';
import { SqlStore } from './sql/sql-store.js';
import type { StoreOptions } from './store.js';
import { parseDatabaseUrl } from './url.js';

export type { SqlStore } from './sql/sql-store.js';

const ANSWER_MS = 60_000;
/** Longer than a server reports errors of its own while restarting. */
const ISOLATE_AFTER_MS = 2000;
const LOOK_EVERY_MS = 60_000;

export async function loadStore(text: string, options: Partial<StoreOptions> = {}): Promise<SqlStore> {
  const stores = await loadShards(text, options);
  if (stores.length > 1) throw new UsageError(`database URL '${shownUrl(text)}' has several shards: expected one here`);
  return stores[0];
}

/** One store for each shard; for other databases there is one. */
export async function loadShards(text: string, options: Partial<StoreOptions> = {}): Promise<SqlStore[]> {
  return shardUrls(parseDatabaseUrl(text)).map((url) => storeOf(url, options));
}

/** One store for each server of each shard; for databases without shards there is one. */
export async function loadServers(text: string, options: Partial<StoreOptions> = {}): Promise<SqlStore[]> {
  const url = parseDatabaseUrl(text);
  return (engineOf(url.kind).isSharded === true ? serverUrls(url) : [url]).map((each) => storeOf(each, options));
}

function storeOf(url: DatabaseUrl, options: Partial<StoreOptions>): SqlStore {
  const all: StoreOptions = {
    log: silentLog,
    clock: systemClock,
    renames: {},
    shape: 'sipcapture',
    partition: 'none',
    live: false,
    access: 'create',
    answerMs: ANSWER_MS,
    isolateAfterMs: ISOLATE_AFTER_MS,
    lookEveryMs: LOOK_EVERY_MS,
    refusing: new RefusingTables(options.clock ?? systemClock, options.log ?? silentLog),
    ...options,
  };
  const engine = engineOf(url.kind);
  return new SqlStore(url, () => connect(engine, url, all.access, all.answerMs), all);
}
