/** `db prune`: retention, once. */
import { UsageError, type Environment } from '../../base/index.js';
import { limitsSomething, loadStore, parseDatabaseUrl, retain, stepText, type KeepOptions } from '../../store/index.js';
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
  const store = await loadStore(db, { log: env.log, clock: env.clock, access: dryRun ? 'read' : 'write' });
  const failed = failedTables(env);
  await store.open();
  try {
    const steps = await asServerError(parseDatabaseUrl(db).shown, async () =>
      retain(await store.connected(), { ...keep, dryRun, nowSeconds: env.clock.now() / 1e6, onFailed: failed.add }),
    );
    for (const step of steps) env.stdout.write(`${stepText(step, dryRun)}\n`);
    const rows = steps.reduce((sum, step) => sum + step.rows, 0);
    env.stdout.write(`${dryRun ? 'would delete' : 'deleted'} ${rows.toLocaleString('en-US')} rows\n`);
  } finally {
    await store.close();
  }
  return failed.exitCode;
}
