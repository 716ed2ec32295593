/**
 * Partitions in steps, created when rows need them or in advance. Other programs may create and drop partitions of the same
 * table at any time: what is there is asked for, and asked again if creating one fails.
 */
import type { Log, TableRows } from '../../base/index.js';
import { momentText, secondsOfMoment } from '../period.js';
import { reasonOf } from './faults.js';
import { missingRange } from './partition-steps.js';
import type { Session } from './session.js';
import type { Target, TextRange } from './target.js';

const DAY_SECONDS = 86_400;
const TRIES = 4;

/** Creates the missing partitions that these rows need. `warned`: tables for which it is known that this is not permitted. */
export async function ensureSteps(session: Session, target: Target, rows: TableRows, log: Log, warned: Set<string>): Promise<void> {
  const time = target.columns.find(({ kind }) => kind === 'time');
  const place = time === undefined ? -1 : target.places[target.columns.indexOf(time)];
  if (place < 0) return;
  let held: TextRange | undefined;
  for (let row = 0; row < rows.count; row++) {
    const value = rows.values[row * rows.columns.length + place];
    if (typeof value !== 'string' || (held !== undefined && holds(held, value))) continue;
    held = target.ranges.find((range) => holds(range, value));
    if (held !== undefined) continue;
    const second = secondsOfMoment(value);
    // Not a time: the database refuses the row.
    if (!Number.isFinite(second)) continue;
    try {
      held = await ensureStep(session, target.table, second);
    } catch (error) {
      if (session.faultOf(error) !== 'denied') throw error;
      if (!warned.has(target.table))
        log.warn(
          `cannot create a partition of ${target.table} for ${value} (${reasonOf(error)}): rows without one are rejected. Store as the owner of the table, with CREATE on its schema`,
        );
      warned.add(target.table);
      held = { from: value.slice(0, 13), until: `${value.slice(0, 13)}~` };
    }
    target.ranges.push(held);
  }
}

/** Creates the partitions from a day before to `seconds` after the present. */
export async function stepsAhead(session: Session, table: string, nowSeconds: number, seconds: number): Promise<void> {
  const day = Math.floor(nowSeconds / DAY_SECONDS) * DAY_SECONDS;
  const end = Math.floor((nowSeconds + seconds) / DAY_SECONDS) * DAY_SECONDS + DAY_SECONDS;
  for (let second = day - DAY_SECONDS; second < end;) second = secondsOfMoment((await ensureStep(session, table, second)).until);
}

async function ensureStep(session: Session, table: string, second: number): Promise<TextRange> {
  const work = session.dialect.steps;
  if (work === null) throw new Error(`table ${table} needs a database with partitions`);
  for (let tries = 1; ; tries++) {
    const existing = await work.list(session, table);
    const holder = existing.find(({ from, until }) => from <= second && second < until);
    if (holder !== undefined) return rangeText(holder);
    const range = missingRange(second, existing, work.defaultSeconds(table))!;
    try {
      await work.make(session, table, range, new Set(existing.map(({ name }) => name)));
      return rangeText(range);
    } catch (error) {
      // Another program may have created it, or one that overlaps, in the meantime.
      if (tries === TRIES || ['denied', 'server', 'table'].includes(session.faultOf(error))) throw error;
    }
  }
}

function rangeText({ from, until }: { from: number; until: number }): TextRange {
  return { from: Number.isFinite(from) ? momentText(from) : '', until: Number.isFinite(until) ? momentText(until) : '~' };
}

function holds({ from, until }: TextRange, time: string): boolean {
  return from <= time && time < until;
}
