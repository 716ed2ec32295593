/** `db prune`: retention, once. */
import { existsSync } from 'node:fs';
import { UnreachableError, UsageError, EXIT_DONE, type Environment } from '../../base/index.js';
import { limitsSomething, loadStore, parseDatabaseUrl, retain, stepText, type KeepOptions } from '../../store/index.js';

export interface DbPruneOptions {
  db: string;
  keep: KeepOptions;
  dryRun: boolean;
}

export async function dbPrune({ db, keep, dryRun }: DbPruneOptions, env: Environment): Promise<number> {
  if (!limitsSomething(keep)) throw new UsageError('say how much is kept: --keep, --keep-size or --keep-rows');
  mustExist(db);
  const store = await loadStore(db, { log: env.log, clock: env.clock });
  await store.open();
  try {
    const steps = await inServersWords(parseDatabaseUrl(db).shown, async () =>
      retain(await store.connected(), { ...keep, dryRun, nowSeconds: env.clock.now() / 1e6 }),
    );
    for (const step of steps) env.stdout.write(`${stepText(step, dryRun)}\n`);
    const rows = steps.reduce((sum, step) => sum + step.rows, 0);
    env.stdout.write(`${rows.toLocaleString('en-US')} rows ${dryRun ? 'would go' : 'went'}\n`);
  } finally {
    await store.close();
  }
  return EXIT_DONE;
}

/** An SQLite file that is not there would be made: a mistyped path. */
export function mustExist(db: string): void {
  const { kind, path } = parseDatabaseUrl(db);
  if (kind === 'sqlite' && path !== ':memory:' && !existsSync(path)) throw new UsageError(`there is no database ${path}`);
}

/** What a server refuses (rights, locks) is for the operator: its own words, without a trace of ours. */
export async function inServersWords<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof UnreachableError || (error as { code?: string }).code === undefined) throw error;
    throw new UsageError(`${shown}: ${(error as Error).message}`);
  }
}
