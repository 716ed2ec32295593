/** `db status`: the tables of a database. Read-only, for any tables. */
import {
  inventory,
  loadShards,
  parseDatabaseUrl,
  retain,
  schemaVersion,
  limitsSomething,
  shardName,
  shareOf,
  stepText,
  type RetentionStep,
  type StoredTable,
  type KeepOptions,
} from '../../store/index.js';
import { HOMER7_TABLES } from '../../row/index.js';
import { BORDERLESS } from '../borderless-table.js';
import { eachShard } from './each-shard.js';
import { failedTables } from './failed-tables.js';
import { asServerError } from './server-error.js';
import { EXIT_UNREACHABLE, grouped, type Environment } from '../../base/index.js';

/** Tables that are shown even if sipcap did not create them. */
const USUAL_TABLES = ['sip_capture', 'rtcp_capture', ...HOMER7_TABLES.map(({ name }) => name)];

export interface DbStatusOptions {
  db: string;
  keep: KeepOptions;
  count: boolean;
  format: 'text' | 'json';
}

export async function dbStatus({ db, keep, count, format }: DbStatusOptions, env: Environment): Promise<number> {
  const { shown } = parseDatabaseUrl(db);
  const stores = await loadShards(db, { log: env.log, clock: env.clock, access: 'read' });
  const failed = failedTables(env);
  const share = shareOf(keep, stores.length);
  const found: ShardStatus[] = [];
  const missing = await eachShard(stores, env, async (store) => {
    const status = await asServerError(store.url.shown, async () => {
      const session = await store.connected();
      const nowSeconds = env.clock.now() / 1e6;
      return {
        shown: store.url.shown,
        version: await schemaVersion(session),
        tables: await inventory(session, { additional: keep.additional, usual: USUAL_TABLES, count, onFailed: failed.add }),
        steps: limitsSomething(keep) ? await retain(session, { ...share, dryRun: true, nowSeconds, onFailed: failed.add }) : null,
      };
    });
    found.push({ shard: shardName(store.url.hosts), ...status });
  });
  if (format === 'json') env.stdout.write(`${JSON.stringify(statusJson(shown, found, missing, stores.length > 1))}\n`);
  else for (const { shown: place, version, tables, steps } of found) env.stdout.write(await statusText(place, version, tables, steps));
  return missing.length > 0 ? EXIT_UNREACHABLE : failed.exitCode;
}

interface ShardStatus {
  shard: string;
  shown: string;
  version: number;
  tables: readonly StoredTable[];
  steps: readonly RetentionStep[] | null;
}

/** Of several shards each by itself. */
function statusJson(shown: string, found: readonly ShardStatus[], missing: readonly string[], isSharded: boolean) {
  const members = found.map(({ shard, version, tables, steps }) => ({
    ...(isSharded ? { shard } : {}),
    schema_version: version,
    tables: tables.map(tableJson),
    retention: steps,
  }));
  if (isSharded) return { database: shown, shards: members, missing_shards: missing };
  return { database: shown, ...members[0] };
}

async function statusText(
  shown: string,
  version: number,
  tables: readonly StoredTable[],
  steps: readonly RetentionStep[] | null,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const lines = [version === 0 ? `${shown}, not created by sipcap` : `${shown}, schema version ${version}`];
  if (tables.length === 0) lines.push("no tables of sipcap (create them with 'sipcap db init', or name others with --table)");
  else {
    const table = new Table({
      ...BORDERLESS,
      head: ['table', 'rows', 'size', 'oldest (UTC)', 'newest (UTC)', 'partitions', 'created by'],
      colAligns: ['left', 'right', 'right', 'left', 'left', 'left', 'left'],
    });
    for (const entry of tables) {
      table.push([
        entry.table,
        `${entry.exact ? '' : '~'}${grouped(entry.rows)}`,
        sizeText(entry.bytes),
        entry.oldest,
        entry.newest,
        partitionsText(entry),
        entry.ours ? 'sipcap' : 'other',
      ]);
    }
    lines.push(
      ...table
        .toString()
        .split('\n')
        .map((line) => line.trimEnd()),
    );
  }
  if (steps !== null)
    lines.push(steps.length === 0 ? 'retention: nothing to delete' : 'retention:', ...steps.map((step) => `  ${stepText(step, true)}`));
  return `${lines.join('\n')}\n`;
}

function partitionsText({ table, partition, partitions }: StoredTable): string {
  if (partition === 'none') return '';
  const dated = partitions.filter(({ until }) => until !== Infinity);
  if (dated.length === 0) return partition === 'steps' ? 'none yet' : `by ${partition}, none yet`;
  const [first, last] = [dated[0], dated[dated.length - 1]].map(({ name }) => name);
  if (partition === 'steps') return `${dated.length}, ${first.replace(`${table}_`, '')} to ${last.replace(`${table}_`, '')}`;
  return `${dated.length} by ${partition}, ${first} to ${last}`;
}

function tableJson({ table, shape, ours, partition, rows, exact, bytes, oldest, newest, partitions }: StoredTable) {
  return {
    table,
    shape,
    ours,
    rows,
    exact,
    bytes,
    oldest,
    newest,
    partition_by: partition,
    partitions: partitions.map(({ name, until, rows: count, bytes: size }) => ({
      name,
      until: until === Infinity ? null : new Date(until * 1000).toISOString(),
      rows: count,
      bytes: size,
    })),
  };
}

function sizeText(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  return `${bytes} B`;
}
