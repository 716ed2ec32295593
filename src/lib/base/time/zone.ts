/** A time zone: formats times in it, and reads times written in it. */
import { readlinkSync } from 'node:fs';
import { UsageError } from '../fault.js';
import { TimeTexts } from '../text.js';

const MINUTE_MS = 60_000;
/** Offsets change at whole quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;

export class Zone {
  private readonly isUtc: boolean;
  /** Of a zone that is neither UTC nor local: loading Intl's data takes longer than many a command. */
  private readonly format: Intl.DateTimeFormat | null;
  private readonly texts = new TimeTexts();
  private quarter = NaN;
  private offsetMs = 0;

  /** '' or `local` is the zone of the process (TZ); else `UTC` or an IANA name. */
  constructor(private readonly name = '') {
    this.isUtc = /^(?:utc|z|gmt)$/i.test(name);
    this.format = this.isUtc || this.isLocal ? null : formatOf(name);
  }

  /** As shown in headings: `UTC`, `Europe/Berlin`. */
  get label(): string {
    if (this.isUtc) return 'UTC';
    return this.isLocal ? localName() : this.name;
  }

  /** `2026-01-31 12:00:00.123456`. */
  text(microseconds: number): string {
    return this.texts.at(microseconds + this.offsetAt(Math.floor(microseconds / 1000)) * 1000);
  }

  /** Milliseconds that the zone's clocks are ahead of UTC at that time (milliseconds since 1970). */
  offsetAt(millis: number): number {
    if (this.isUtc) return 0;
    const quarter = Math.floor(millis / QUARTER_MS);
    if (quarter !== this.quarter) {
      this.quarter = quarter;
      this.offsetMs = this.computed(quarter * QUARTER_MS);
    }
    return this.offsetMs;
  }

  /** The time (milliseconds since 1970) at which clocks show what a clock in UTC would show at `wall`. */
  atWall(wall: number): number {
    const guess = wall - this.offsetAt(wall);
    const offset = this.offsetAt(guess);
    return wall - offset === guess ? guess : wall - this.offsetAt(wall - offset);
  }

  private get isLocal(): boolean {
    return this.name === '' || this.name === 'local';
  }

  private computed(millis: number): number {
    if (this.format === null) return -new Date(millis).getTimezoneOffset() * MINUTE_MS;
    const parts: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(millis)) parts[type] = Number(value);
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - millis;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new UsageError(`unknown time zone '${timeZone}': expected local, UTC or a name such as Europe/Berlin`);
  }
}

function localName(): string {
  if ((process.env.TZ ?? '') === '' && isUtcLink()) return 'UTC';
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'local';
}

/** Most servers keep UTC. */
function isUtcLink(): boolean {
  try {
    return /\/zoneinfo\/(?:Etc\/)?UTC$/.test(readlinkSync('/etc/localtime'));
  } catch {
    return false;
  }
}
