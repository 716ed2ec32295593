/** `db prune`: retention, once. */
import { existsSync } from 'node:fs';
import { UnreachableError, UsageError } from '../../base/index.js';
import { loadStore, parseDatabaseUrl, retain, type RetentionStep } from '../../store/index.js';
import { EXIT_DONE } from '../../base/exit-codes.js';
import type { Environment } from '../../pipeline/options.js';

export interface KeepOptions {
  /** Infinity where it is no limit. */
  keepSeconds: number;
  keepRows: number;
  keepBytes: number;
  /** Tables that are not ours. */
  additional: readonly string[];
}

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

export function limitsSomething({ keepSeconds, keepRows, keepBytes }: KeepOptions): boolean {
  return Math.min(keepSeconds, keepRows, keepBytes) < Infinity;
}

/** `dropped partition p20231101 of sip_capture, 1,234 rows`. */
export function stepText({ what, table, partition, rows }: RetentionStep, dryRun: boolean): string {
  const amount = `${rows.toLocaleString('en-US')} rows`;
  const [would, done] = dryRun ? ['would ', ''] : ['', 'd'];
  const dropped = dryRun ? `${would}drop` : 'dropped';
  switch (what) {
    case 'drop table':
      return `${dropped} table ${table}, ${amount}`;
    case 'drop partition':
      return `${dropped} partition ${partition} of ${table}, ${amount}`;
    default:
      return `${would}delete${done} ${amount} of ${table}`;
  }
}
