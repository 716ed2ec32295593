/** `db prune`: retention, once. */
import { EXIT_UNREACHABLE, UsageError, grouped, type Environment } from '../../base/index.js';
import {
  limitsSomething,
  loadShards,
  retain,
  shardName,
  shareOf,
  stepText,
  type KeepOptions,
  type RetentionStep,
} from '../../store/index.js';
import { eachShard } from './each-shard.js';
import { failedTables } from './failed-tables.js';
import { asServerError } from './server-error.js';

export interface DbPruneOptions {
  db: string;
  keep: KeepOptions;
  dryRun: boolean;
}

export async function dbPrune({ db, keep, dryRun }: DbPruneOptions, env: Environment): Promise<number> {
  if (!limitsSomething(keep)) throw new UsageError('specify how much to keep: --keep, --keep-size or --keep-rows');
  // A mistyped path must not become a new database; a dry run reads only.
  const stores = await loadShards(db, { log: env.log, clock: env.clock, access: dryRun ? 'read' : 'write' });
  const failed = failedTables(env);
  const share = shareOf(keep, stores.length);
  const steps: RetentionStep[] = [];
  const missing = await eachShard(stores, env, async (store) => {
    const own = await asServerError(store.url.shown, async () =>
      retain(await store.connected(), { ...share, dryRun, nowSeconds: env.clock.now() / 1e6, onFailed: failed.add }),
    );
    const place = stores.length > 1 ? `${shardName(store.url.hosts)}: ` : '';
    for (const step of own) env.stdout.write(`${place}${stepText(step, dryRun)}\n`);
    steps.push(...own);
  });
  const rows = steps.reduce((sum, step) => sum + step.rows, 0);
  env.stdout.write(`${dryRun ? 'would delete' : 'deleted'} ${grouped(rows)} rows\n`);
  return missing.length > 0 ? EXIT_UNREACHABLE : failed.exitCode;
}
