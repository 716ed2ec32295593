/** Work on each shard of a database: one that cannot be reached does not keep the others from it, and makes the result partial. */
import { UnreachableError, patiently, type Environment } from '../../base/index.js';
import { shardName, type SqlStore } from '../../store/index.js';

/** The names of those that could not be reached; a single one is an error. */
export async function eachShard(
  stores: readonly SqlStore[],
  env: Environment,
  work: (store: SqlStore) => Promise<void>,
): Promise<string[]> {
  const missing: string[] = [];
  for (const store of stores) {
    try {
      await patiently(
        store.open().then(() => work(store)),
        shardName(store.url.hosts) || store.url.shown,
        env.log,
      );
    } catch (error) {
      if (stores.length === 1 || !(error instanceof UnreachableError)) throw error;
      env.log.error(`partial result: ${error.message}`);
      missing.push(shardName(store.url.hosts));
    } finally {
      await store.close();
    }
  }
  return missing;
}
