/** Partitions by capture time, created when rows need them, or in advance. */
import type { TableRows } from '../../base/index.js';
import { periodKey, periodKeys, periodOf, type Period } from '../period.js';
import { reasonOf } from './faults.js';
import { forTable, type OnFailedTable } from './for-table.js';
import { ownTables } from './own-tables.js';
import type { PartitionWork } from './partition.js';
import type { Session } from './session.js';
import { timeColumn, type PartitionBy } from './shape-of.js';
import { stepsAhead } from './step-partitions.js';
import type { StoreOptions } from '../store.js';
import type { Target } from './target.js';

export { stepsAhead } from './step-partitions.js';

const DAY_SECONDS = 86_400;
const TRIES = 3;
/** Live rows get a partition of their own when they are no older and no newer than this: clocks of senders may be wrong. */
const LIVE_PAST_SECONDS = 7 * DAY_SECONDS;
const LIVE_FUTURE_SECONDS = DAY_SECONDS;

/** Creates the missing partitions that these rows need; without permission, rows go to the default partition. */
export async function ensurePartitions(session: Session, target: Target, rows: TableRows, options: StoreOptions): Promise<void> {
  const work = session.dialect.partitions;
  const time = target.columns.find(({ kind }) => kind === 'time');
  const place = rows.columns.findIndex((name) => name === 'date' || name === 'tss');
  if (work === null || work.always !== undefined || time === undefined || place < 0) return;
  const by = target.partition as PartitionBy;
  let last = '';
  for (let row = 0; row < rows.count; row++) {
    const value = rows.values[row * rows.columns.length + place];
    if (typeof value !== 'string' || (value.startsWith(last) && last !== '')) continue;
    last = periodKey(value, by);
    if (target.periods.has(last) || value < time.earliest || value > time.latest) continue;
    const period = periodOf(last);
    if (period === null || (options.live && !isNear(period.from, options.clock.now() / 1e6))) continue;
    try {
      await makePartition(session, work, target.table, time.name, period);
    } catch (error) {
      if (session.faultOf(error) !== 'denied') throw error;
      if (target.periods.size === 0)
        options.log.warn(`cannot create partition ${period.name} of ${target.table} (${reasonOf(error)}); storing without`);
    }
    target.periods.add(last);
  }
}

/** Creates the partitions of the present and the next `seconds` for every table of ours that has any. */
export async function partitionsAhead(session: Session, nowSeconds: number, seconds: number, onFailed?: OnFailedTable): Promise<void> {
  const work = session.dialect.partitions;
  if (work === null || work.always !== undefined) return;
  for (const { name, shape, partition } of await ownTables(session)) {
    if (partition === 'none') continue;
    await forTable(session, name, onFailed, async () => {
      if ((await session.columns(name)).length === 0) return;
      if (partition === 'steps') {
        await stepsAhead(session, name, nowSeconds, seconds);
        return;
      }
      for (const key of periodKeys(nowSeconds, nowSeconds + seconds, partition))
        await makePartition(session, work, name, timeColumn(shape), periodOf(key)!);
    });
  }
}

/** Another process may make it at the same time: then it is found when it is looked for again. */
async function makePartition(session: Session, work: PartitionWork, table: string, time: string, period: Period): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work.make(session, table, time, period);
      return;
    } catch (error) {
      if (tries === TRIES || ['denied', 'server', 'table'].includes(session.faultOf(error))) throw error;
    }
  }
}

function isNear(second: number, now: number): boolean {
  return second >= now - LIVE_PAST_SECONDS - DAY_SECONDS && second <= now + LIVE_FUTURE_SECONDS;
}
