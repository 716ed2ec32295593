/** The tables of a database, ours and those requested, with rows, sizes, times and partitions. Read-only. */
import { UsageError } from '../../base/index.js';
import { forTable, type OnFailedTable } from './for-table.js';
import { tableText } from './names.js';
import type { StoredPartition } from './partition.js';
import { ownTables } from './own-tables.js';
import type { Session } from './session.js';
import { partitioningOf, shapeOf, timeColumn, type Partitioning, type TableShape } from './shape-of.js';

export interface StoredTable {
  table: string;
  shape: TableShape;
  /** Created by us: it may be dropped. */
  ours: boolean;
  partition: Partitioning;
  /** Column of the capture time. */
  time: string;
  /** Counted, or estimated by the server if `exact` is false. */
  rows: number;
  exact: boolean;
  /** Table and indexes, as far as they hold rows. */
  bytes: number;
  /** Capture times of the first and the last message, `YYYY-MM-DD HH:MM:SS` UTC; '' if there is none. */
  oldest: string;
  newest: string;
  partitions: StoredPartition[];
}

export interface InventoryOptions {
  /** Tables that we did not create, as the user names them: each must be there. */
  additional: readonly string[];
  /** Tables that we may not have created, where they are there. */
  usual?: readonly string[];
  /** Counts rows even if the server only estimates: exact but slow. */
  count: boolean;
  /** Lets the server update its statistics, which needs more than read permission. */
  refresh?: boolean;
  /** Takes tables that cannot be read; without it they end the whole. */
  onFailed?: OnFailedTable;
}

export async function inventory(
  session: Session,
  { additional, usual = [], count, refresh = false, onFailed }: InventoryOptions,
): Promise<StoredTable[]> {
  const found: StoredTable[] = [];
  const seen = new Set<string>();
  const add = async (table: string, find: () => Promise<StoredTable | null>) => {
    seen.add(table);
    const entry = await forTable(session, table, onFailed, find);
    if (entry !== null) found.push(entry);
  };
  const how = { count, refresh };
  for (const { name, shape, partition } of await ownTables(session))
    await add(name, () => look(session, name, shape, partition, true, how));
  for (const asked of [...additional, ...usual]) {
    const table = await session.tableNamed(asked);
    if (seen.has(table)) continue;
    await add(table, async () => {
      const columns = (await session.columns(table)).map(({ name }) => name);
      if (columns.length === 0 && additional.includes(asked)) throw new UsageError(`there is no table '${asked}'`);
      if (columns.length === 0) return null;
      const shape = shapeOf(columns);
      return look(session, table, shape, partitioningOf(shape, 'none'), false, how);
    });
  }
  return found;
}

async function look(
  session: Session,
  table: string,
  shape: TableShape,
  partition: Partitioning,
  ours: boolean,
  { count, refresh }: { count: boolean; refresh: boolean },
): Promise<StoredTable | null> {
  const names = (await session.columns(table)).map(({ name }) => name);
  if (names.length === 0) return null;
  const time = timeColumn(shape);
  const text = tableText(session.dialect, table);
  const size = await session.dialect.tableSize(session, table, count, refresh);
  const [ends] =
    names.includes(time) && !(size.exact && size.rows === 0)
      ? await session.all(`SELECT min(${time}) AS oldest, max(${time}) AS newest FROM ${text}`, [])
      : [{ oldest: '', newest: '' }];
  const partitions = partition === 'none' ? [] : await partitionsOf(session, table, count);
  return { table, shape, ours, partition, time, ...size, oldest: textOf(ends.oldest), newest: textOf(ends.newest), partitions };
}

async function partitionsOf(session: Session, table: string, count: boolean): Promise<StoredPartition[]> {
  const work = session.dialect.partitions!;
  const partitions = await work.list(session, table);
  // Where every table has partitions, the server knows the rows of each.
  if (count && work.always === undefined)
    for (const partition of partitions)
      partition.rows = Number((await session.all(`SELECT count(*) AS n FROM ${work.rowsText(table, partition.name)}`, []))[0].n);
  return partitions;
}

function textOf(time: unknown): string {
  if (time instanceof Date) return time.toISOString().slice(0, 19).replace('T', ' ');
  return time === null || time === undefined ? '' : String(time);
}
