/** Times in the zone of the user: the offset is asked for once an hour of the data, as Intl is slow. */
import { UsageError } from '../base/index.js';

const HOUR = 3_600_000;

export class ZonedTimes {
  /** `UTC`, `Europe/Berlin`: what a header says. */
  readonly zone: string;
  private readonly parts: Intl.DateTimeFormat;
  private hour = NaN;
  private offset = 0;

  /** '' is the local zone. */
  constructor(zone: string) {
    try {
      this.parts = new Intl.DateTimeFormat('en-US', {
        timeZone: zone === '' ? undefined : zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw new UsageError(`invalid --tz '${zone}': expected UTC or a zone name as Europe/Berlin`);
    }
    this.zone = this.parts.resolvedOptions().timeZone;
  }

  /** `2026-01-31 12:00:00.123`. */
  text(microseconds: number): string {
    const millis = Math.floor(microseconds / 1000);
    return new Date(millis + this.offsetAt(millis)).toISOString().slice(0, 23).replace('T', ' ');
  }

  /** Milliseconds that local time is ahead of UTC. */
  offsetAt(millis: number): number {
    const hour = Math.floor(millis / HOUR);
    if (hour === this.hour) return this.offset;
    const at = hour * HOUR;
    const value = Object.fromEntries(this.parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    this.hour = hour;
    this.offset = Date.UTC(value.year, value.month - 1, value.day, value.hour, value.minute, value.second) - at;
    return this.offset;
  }
}
