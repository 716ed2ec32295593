/** `db status`: what stands in a database. */
import {
  inventory,
  loadStore,
  parseDatabaseUrl,
  retain,
  schemaVersion,
  limitsSomething,
  stepText,
  type RetentionStep,
  type StoredTable,
  type KeepOptions,
} from '../../store/index.js';
import { mustExist } from './prune.js';
import { EXIT_DONE, type Environment } from '../../base/index.js';

export interface DbStatusOptions {
  db: string;
  keep: KeepOptions;
  count: boolean;
  format: 'text' | 'json';
}

export async function dbStatus({ db, keep, count, format }: DbStatusOptions, env: Environment): Promise<number> {
  const { shown } = parseDatabaseUrl(db);
  mustExist(db);
  const store = await loadStore(db, { log: env.log, clock: env.clock });
  await store.open();
  try {
    const session = await store.connected();
    const version = await schemaVersion(session);
    const tables = await inventory(session, { additional: keep.additional, count });
    const steps = limitsSomething(keep) ? await retain(session, { ...keep, dryRun: true, nowSeconds: env.clock.now() / 1e6 }) : null;
    env.stdout.write(
      format === 'json'
        ? `${JSON.stringify({ database: shown, schema_version: version, tables: tables.map(tableJson), retention: steps })}\n`
        : await statusText(shown, version, tables, steps),
    );
  } finally {
    await store.close();
  }
  return EXIT_DONE;
}

async function statusText(
  shown: string,
  version: number,
  tables: readonly StoredTable[],
  steps: readonly RetentionStep[] | null,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const lines = [`${shown}, schema version ${version}`];
  if (tables.length === 0) lines.push('no tables of ours (sipcap db init makes them)');
  else {
    const plain = {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    };
    const table = new Table({
      chars: plain,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      head: ['table', 'rows', 'size', 'oldest (UTC)', 'newest (UTC)', 'partitions', 'made by'],
      colAligns: ['left', 'right', 'right', 'left', 'left', 'left', 'left'],
    });
    for (const entry of tables) {
      table.push([
        entry.table,
        `${entry.exact ? '' : '~'}${entry.rows.toLocaleString('en-US')}`,
        sizeText(entry.bytes),
        entry.oldest,
        entry.newest,
        partitionsText(entry),
        entry.ours ? 'sipcap' : 'somebody else',
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
    lines.push(steps.length === 0 ? 'retention: nothing would go' : 'retention:', ...steps.map((step) => `  ${stepText(step, true)}`));
  return `${lines.join('\n')}\n`;
}

function partitionsText({ partition, partitions }: StoredTable): string {
  if (partition === 'none') return '';
  const dated = partitions.filter(({ until }) => until !== Infinity);
  if (dated.length === 0) return `by ${partition}, none yet`;
  return `${dated.length} by ${partition}, ${dated[0].name} to ${dated[dated.length - 1].name}`;
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
