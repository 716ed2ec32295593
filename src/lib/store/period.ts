/** Days and hours (UTC) as the periods of partitions. */
import type { PartitionBy } from './sql/shape-of.js';

export interface Period {
  /** `p20231114` or `p2023111415`: also the name of its partition. */
  name: string;
  /** Seconds since 1970 of its first second, and of the first after it. */
  from: number;
  until: number;
}

/** The part of `YYYY-MM-DD HH:MM:SS` that identifies the period. */
export function periodKey(time: string, by: PartitionBy): string {
  return time.slice(0, by === 'day' ? 10 : 13);
}

/** The last second that `YYYY-MM-DD` can express. */
const LAST_SECOND = 253_402_300_799;

/** Null if the key is not a day or hour, or its end cannot be expressed. */
export function periodOf(key: string): Period | null {
  const hourly = key.length === 13;
  const from = Date.parse(`${key.slice(0, 10)}T${hourly ? key.slice(11) : '00'}:00:00Z`) / 1000;
  const until = from + (hourly ? 3600 : 86_400);
  if (Number.isNaN(from) || until > LAST_SECOND) return null;
  return { name: `p${key.replace(/[- ]/g, '')}`, from, until };
}

/** `YYYY-MM-DD HH:MM:SS` of seconds since 1970. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** As `timeText`, with the microseconds if there are any. */
export function momentText(seconds: number): string {
  const whole = Math.floor(seconds);
  const micros = Math.round((seconds - whole) * 1e6);
  return timeText(whole) + (micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`);
}

/** Of `YYYY-MM-DD HH:MM:SS`, with a fraction or without. */
export function secondsOfMoment(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`) / 1000 + Number(`0${text.slice(19)}`);
}

/** The keys of all periods that touch from..until, seconds since 1970. */
export function periodKeys(from: number, until: number, by: PartitionBy): string[] {
  const keys: string[] = [];
  const length = by === 'day' ? 86_400 : 3600;
  for (let second = Math.floor(from / length) * length; second <= until; second += length) keys.push(periodKey(timeText(second), by));
  return keys;
}
