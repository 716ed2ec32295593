/** Times as people write them, in the forms that journalctl takes. */
import { UsageError } from '../fault.js';
import type { Zone } from './zone.js';

const UNITS: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6, w: 604_800e6 };
const UNIT = '(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)';
const SPAN = new RegExp(`^(?:\\d+(?:\\.\\d+)?\\s*${UNIT}\\s*)+$`);
const SPAN_PART = new RegExp(`(\\d+(?:\\.\\d+)?)\\s*(${UNIT})`, 'g');
const DAYS: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };
const DAY_MS = 86_400_000;
const DATE =
  /^(?:(\d{4})-(\d\d?)-(\d\d?)(?:[ T]+|$))?(?:(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?$/i;
export const TIME_FORMS = "'2026-11-25 10:00', '10:00', today, yesterday, now, -1h or @SECONDS";

/** Microseconds since 1970; `now` likewise. Throws a UsageError that names the option. */
export function parseTime(text: string, option: string, now: number, zone: Zone): number {
  const time = timeOf(text.trim(), now, zone);
  if (time === null || !Number.isSafeInteger(time)) throw new UsageError(`invalid ${option} '${text}': expected ${TIME_FORMS}`);
  return time;
}

function timeOf(text: string, now: number, zone: Zone): number | null {
  const word = text.toLowerCase();
  if (word === 'now') return now;
  if (word in DAYS) {
    const wall = Math.floor(now / 1000);
    const midnight = Math.floor((wall + zone.offsetAt(wall)) / DAY_MS) * DAY_MS;
    return zone.atWall(midnight + DAYS[word] * DAY_MS) * 1000;
  }
  if (/^@\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text.slice(1)) * 1e6);
  const relative = /^([+-])(.*)$/.exec(word) ?? /^()(.*?)\s+ago$/.exec(word);
  if (relative !== null) {
    const span = spanOf(relative[2].trim());
    return span === null ? null : now + (relative[1] === '+' ? span : -span);
  }
  return dateOf(text, now, zone);
}

/** `1h30m`, `90 min`: microseconds; null if it is not a duration. */
export function spanOf(text: string): number | null {
  if (!SPAN.test(text)) return null;
  let span = 0;
  for (const [, number, unit] of text.matchAll(SPAN_PART)) span += Number(number) * UNITS[unit[0]];
  return Math.round(span);
}

function dateOf(text: string, now: number, zone: Zone): number | null {
  const match = DATE.exec(text);
  if (match === null || (match[1] === undefined && match[4] === undefined)) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match;
  const millis = Math.floor(now / 1000);
  const dated =
    year === undefined
      ? Math.floor((millis + zone.offsetAt(millis)) / DAY_MS) * DAY_MS
      : Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (year !== undefined && new Date(dated).getUTCDate() !== Number(day)) return null;
  if (Number(month ?? 1) > 12 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const wall = dated + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const at = offset === undefined ? zone.atWall(wall) : wall - offsetMs(offset);
  return at * 1000 + Number(fraction.padEnd(6, '0'));
}

function offsetMs(offset: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(offset);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
}
