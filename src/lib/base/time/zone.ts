/** A time zone: formats times in it, and reads times written in it. */
import { UsageError } from '../fault.js';
import { timeText } from '../text.js';

const MINUTE_MS = 60_000;
/** Offsets change at whole quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;

export class Zone {
  /** As shown in headings: `UTC`, `Europe/Berlin`. */
  readonly label: string;
  private readonly format: Intl.DateTimeFormat | null;
  private quarter = NaN;
  private offsetMs = 0;

  /** '' or `local` is the zone of the process (TZ); else `UTC` or an IANA name. */
  constructor(name = '') {
    const isLocal = name === '' || name === 'local';
    const isUtc = /^(?:utc|z|gmt)$/i.test(name);
    this.label = isUtc ? 'UTC' : isLocal ? localName() : name;
    try {
      this.format = isUtc
        ? null
        : new Intl.DateTimeFormat('en-US', {
            timeZone: isLocal ? undefined : name,
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
          });
    } catch {
      throw new UsageError(`unknown time zone '${name}': expected local, UTC or a name such as Europe/Berlin`);
    }
  }

  /** `2026-01-31 12:00:00.123456`. */
  text(microseconds: number): string {
    return timeText(microseconds + this.offsetAt(Math.floor(microseconds / 1000)) * 1000);
  }

  /** Milliseconds that the zone's clocks are ahead of UTC at that time (milliseconds since 1970). */
  offsetAt(millis: number): number {
    if (this.format === null) return 0;
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

  private computed(millis: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.format!.formatToParts(millis)) parts[type] = Number(value);
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - millis;
  }
}

function localName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'local';
}
