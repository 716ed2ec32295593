/** Partitions by capture time, made when rows need them, or ahead of time. */
import type { TableRows } from '../../base/index.js';
import type { DatabaseKind } from '../url.js';
import { mysqlPartitions } from '../mysql/partitions.js';
import type { PartitionWork } from './partition.js';
import { periodKey, periodKeys, periodOf } from '../period.js';
import { postgresqlPartitions } from '../postgresql/partitions.js';
import type { Session } from './session.js';
import type { PartitionBy } from './shape-of.js';
import type { StoreOptions } from '../store.js';
import type { Target } from './target.js';

const DAY_SECONDS = 86_400;
/** Live rows get a partition of their own when they are no older and no newer than this: clocks of senders may be wrong. */
const LIVE_PAST_SECONDS = 7 * DAY_SECONDS;
const LIVE_FUTURE_SECONDS = DAY_SECONDS;

/** Null for databases without partitions. */
export function partitionWork(kind: DatabaseKind): PartitionWork | null {
  if (kind === 'sqlite') return null;
  return kind === 'mysql' ? mysqlPartitions : postgresqlPartitions;
}

/** Makes the partitions that these rows need and nobody made yet. */
export async function ensurePartitions(session: Session, target: Target, rows: TableRows, options: StoreOptions): Promise<void> {
  const work = partitionWork(session.dialect.kind);
  const time = target.columns.find(({ kind }) => kind === 'time');
  const place = rows.columns.findIndex((name) => name === 'date' || name === 'tss');
  if (work === null || time === undefined || place < 0) return;
  let last = '';
  for (let row = 0; row < rows.count; row++) {
    const value = rows.values[row * rows.columns.length + place];
    if (typeof value !== 'string' || (value.startsWith(last) && last !== '')) continue;
    last = periodKey(value, target.partition);
    if (target.periods.has(last) || value < time.earliest || value > time.latest) continue;
    const period = periodOf(last);
    if (period === null || (options.live && !isNear(period.from, options.clock.now() / 1e6))) continue;
    await work.make(session, target.table, time.name, period);
    target.periods.add(last);
  }
}

/** Makes the partitions of the present and the next `seconds` for every table of ours that has any. */
export async function partitionsAhead(session: Session, nowSeconds: number, seconds: number): Promise<void> {
  const work = partitionWork(session.dialect.kind);
  if (work === null) return;
  const tables = await session.all("SELECT name, shape, partition_by FROM sipcap_table WHERE partition_by <> 'none'", []);
  for (const { name, shape, partition_by: by } of tables) {
    const time = shape === 'rtcp_capture_homer6' ? 'tss' : 'date';
    if ((await session.columns(String(name))).length === 0) continue;
    for (const key of periodKeys(nowSeconds, nowSeconds + seconds, by as PartitionBy))
      await work.make(session, String(name), time, periodOf(key)!);
  }
}

function isNear(second: number, now: number): boolean {
  return second >= now - LIVE_PAST_SECONDS - DAY_SECONDS && second <= now + LIVE_FUTURE_SECONDS;
}
