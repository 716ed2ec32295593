/**
 * Retention: deletes what is older or exceeds the limits, the oldest first. Partitions and dated tables of ours are dropped, rows of
 * other tables deleted in steps, so that writers never wait long. A table that we did not create is never dropped.
 */
import { forTable, type OnFailedTable } from './for-table.js';
import { tableText } from './names.js';
import { inventory, type StoredTable } from './inventory.js';
import { timeText } from '../period.js';
import type { StoredPartition } from './partition.js';
import type { Session } from './session.js';

export interface RetentionOptions {
  /** Seconds that messages are kept; Infinity for no limit. */
  keepSeconds: number;
  keepRows: number;
  keepBytes: number;
  /** Tables that we did not create: of these only rows are deleted. */
  additional: readonly string[];
  /** Only lists what would be deleted; nothing is written. */
  dryRun: boolean;
  nowSeconds: number;
  /** Takes tables that cannot be pruned; without it they end the whole. */
  onFailed?: OnFailedTable;
}

export interface RetentionStep {
  what: 'drop table' | 'drop partition' | 'delete rows';
  table: string;
  /** Name of the partition, else ''. */
  partition: string;
  /** Rows deleted with it. */
  rows: number;
}

/** Rows deleted in one transaction. */
const STEP_ROWS = 5000;
/** Positions of writers that wrote nothing for this long are deleted: they no longer run. */
const DEAD_WRITER_SECONDS = 366 * 86_400;
/** A table of one period: its name ends in digits. */
const DATED = /\d{4,}(_\d+)*$/;

export async function retain(session: Session, options: RetentionOptions): Promise<RetentionStep[]> {
  const steps: RetentionStep[] = [];
  const { additional, dryRun, onFailed } = options;
  const tables = await inventory(session, { additional, count: true, refresh: !dryRun, onFailed });
  const left: StoredTable[] = [];
  for (const table of tables)
    if ((await forTable(session, table.table, onFailed, () => dropOld(session, table, options, steps))) === false) left.push(table);
  await dropExcess(session, left, options, steps);
  if (!options.dryRun && (await session.columns('sipcap_position')).length > 0)
    await session.run("DELETE FROM sipcap_position WHERE stream LIKE 'live:%' AND updated < ?", [
      timeText(options.nowSeconds - DEAD_WRITER_SECONDS),
    ]);
  return steps;
}

/** Deletes what is too old; true if the whole table was dropped. */
async function dropOld(session: Session, table: StoredTable, options: RetentionOptions, steps: RetentionStep[]): Promise<boolean> {
  if (options.keepSeconds === Infinity) return false;
  const before = timeText(Math.max(options.nowSeconds - options.keepSeconds, 0));
  // Partitions that are created in advance may be old and empty.
  if (table.partition !== 'steps' && (table.oldest === '' || table.oldest >= before)) return false;
  if (isDropped(table) && table.newest < before) {
    await dropTable(session, table, options, steps);
    return true;
  }
  const old = table.partitions.filter(({ until }) => until !== Infinity && timeText(until) <= before);
  // Partitions and dated tables that are still needed stay complete; where all partitions are dropped, no rows are left.
  const isWhole = table.partitions.length > 0 || isDropped(table);
  for (const partition of old) {
    await dropPartition(session, table, partition.name, partition.rows, options, steps);
    forget(table, partition);
  }
  table.partitions = table.partitions.filter((partition) => !old.includes(partition));
  if (isWhole) return false;
  const { dialect } = session;
  const text = tableText(dialect, table.table);
  const [{ n }] = await session.all(`SELECT count(*) AS n FROM ${text} WHERE ${table.time} < ${dialect.timeValue ?? '?'}`, [before]);
  const count = Number(n);
  await deleteRows(session, table, count, options, steps);
  forget(table, { rows: count, bytes: table.rows === 0 ? 0 : (table.bytes * count) / table.rows });
  return false;
}

/** What was deleted by age does not count against the other limits. */
function forget(table: StoredTable, { rows, bytes }: { rows: number; bytes: number }): void {
  table.rows = Math.max(table.rows - rows, 0);
  table.bytes = Math.max(table.bytes - bytes, 0);
}

/** Deletes what exceeds the limits, oldest first. */
async function dropExcess(session: Session, tables: StoredTable[], options: RetentionOptions, steps: RetentionStep[]): Promise<void> {
  let rows = tables.reduce((sum, table) => sum + table.rows, 0) - options.keepRows;
  let bytes = tables.reduce((sum, table) => sum + table.bytes, 0) - options.keepBytes;
  for (const { table, partition } of stepsInOrder(tables)) {
    if ((rows <= 0 && bytes <= 0) || partition.until > options.nowSeconds) break;
    const work = async () => {
      await dropPartition(session, table, partition.name, partition.rows, options, steps);
      return true;
    };
    // As below: what a failing table keeps counts as deleted.
    await forTable(session, table.table, options.onFailed, work);
    rows -= partition.rows;
    bytes -= partition.bytes;
  }
  const oldestFirst = tables
    .filter(({ rows: count, partition }) => count > 0 && partition !== 'steps')
    .sort((a, b) => (a.oldest < b.oldest ? -1 : 1));
  for (const table of oldestFirst) {
    const left = { rows: table.rows, bytes: table.bytes };
    const reduce = (by: { rows: number; bytes: number }) => {
      rows -= by.rows;
      bytes -= by.bytes;
      left.rows -= by.rows;
      left.bytes -= by.bytes;
    };
    const work = async () => {
      await reduceTable(session, table, { rows, bytes }, reduce, options, steps);
      return true;
    };
    // Rows kept by a failing table are not taken from newer tables instead.
    if ((await forTable(session, table.table, options.onFailed, work)) === null) reduce({ ...left });
  }
}

/** The partitions of tables that belong together, the oldest of all first. */
function stepsInOrder(tables: readonly StoredTable[]): { table: StoredTable; partition: StoredPartition }[] {
  return tables
    .filter(({ partition }) => partition === 'steps')
    .flatMap((table) => table.partitions.map((partition) => ({ table, partition })))
    .sort((a, b) => a.partition.until - b.partition.until);
}

/** Deletes from one table what exceeds the limits, or as much of it as it has. */
async function reduceTable(
  session: Session,
  table: StoredTable,
  excess: Readonly<{ rows: number; bytes: number }>,
  reduce: (by: { rows: number; bytes: number }) => void,
  options: RetentionOptions,
  steps: RetentionStep[],
): Promise<void> {
  let { rows, bytes } = excess;
  for (const partition of table.partitions) {
    if ((rows <= 0 && bytes <= 0) || partition.until === Infinity || partition.until > options.nowSeconds) break;
    await dropPartition(session, table, partition.name, partition.rows, options, steps);
    reduce(partition);
    rows -= partition.rows;
    bytes -= partition.bytes;
  }
  if ((rows <= 0 && bytes <= 0) || table.partitions.length > 0) return;
  // A dated table is dropped if enough remains without it; other tables lose rows.
  if (isDropped(table) && (rows >= table.rows || bytes >= table.bytes)) {
    await dropTable(session, table, options, steps);
    reduce(table);
    return;
  }
  const rowBytes = table.bytes / table.rows;
  const count = Math.min(table.rows, Math.max(rows, Math.ceil(bytes / rowBytes)));
  await deleteRows(session, table, count, options, steps);
  reduce({ rows: count, bytes: count * rowBytes });
}

function isDropped({ ours, partition, table }: StoredTable): boolean {
  return ours && partition === 'none' && DATED.test(table);
}

async function dropTable(
  session: Session,
  { table, rows }: StoredTable,
  { dryRun }: RetentionOptions,
  steps: RetentionStep[],
): Promise<void> {
  if (!dryRun) {
    await session.execute(`DROP TABLE ${tableText(session.dialect, table)}`);
    await session.run('DELETE FROM sipcap_table WHERE name = ?', [table]);
  }
  steps.push({ what: 'drop table', table, partition: '', rows });
}

async function dropPartition(
  session: Session,
  table: StoredTable,
  name: string,
  rows: number,
  { dryRun }: RetentionOptions,
  steps: RetentionStep[],
): Promise<void> {
  if (!dryRun) await session.dialect.partitions!.drop(session, table.table, name);
  steps.push({ what: 'drop partition', table: table.table, partition: name, rows });
}

/** Deletes the oldest `count` rows, some thousand per transaction. */
async function deleteRows(
  session: Session,
  table: StoredTable,
  count: number,
  { dryRun }: RetentionOptions,
  steps: RetentionStep[],
): Promise<void> {
  if (count === 0) return;
  const text = tableText(session.dialect, table.table);
  const deletion = (rows: number) => session.dialect.deleteOldest(text, table.time, rows);
  // Throws where the engine deletes no rows: then there is nothing to announce either.
  deletion(STEP_ROWS);
  steps.push({ what: 'delete rows', table: table.table, partition: '', rows: count });
  for (let left = count; left > 0 && !dryRun;) {
    const deleted = await session.run(deletion(Math.min(left, STEP_ROWS)), []);
    if (deleted === 0) return;
    left -= deleted;
  }
}
