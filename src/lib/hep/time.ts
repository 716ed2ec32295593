/**
 * Times as senders write them: right, byte-swapped, counted from 1900, or missing. A time is plausible between the year
 * 2000 and a day after the packet's arrival.
 */
import type { Counters } from '../base/index.js';

const YEAR_2000 = 946_684_800;
const DAY_SECONDS = 86_400;
const NEAR_SECONDS = 31 * DAY_SECONDS;
/** Seconds from 1900 (NTP, RFC 5905 section 6) to 1970. */
const NTP_TO_UNIX = 2_208_988_800;

export function plausibleTime(seconds: number, receivedAt: number): boolean {
  return seconds >= YEAR_2000 && seconds <= receivedAt / 1e6 + DAY_SECONDS;
}

/** Microseconds since 1970 of an implausible time; the arrival time if it cannot be corrected. */
export function microsecondsOf(seconds: number, micros: number, receivedAt: number, counters: Counters): number {
  if (plausibleTime(seconds, receivedAt)) {
    counters.add('microseconds_corrected');
    return seconds * 1e6 + fraction(micros);
  }
  // Any number may look like a time when swapped: it must be near the arrival.
  if (Math.abs(swap(seconds) - receivedAt / 1e6) <= NEAR_SECONDS) {
    counters.add('time_swapped');
    const swapped = swap(micros);
    return swap(seconds) * 1e6 + (swapped < 1_000_000 ? swapped : fraction(micros));
  }
  if (plausibleTime(seconds - NTP_TO_UNIX, receivedAt)) {
    counters.add('time_since_1900');
    return (seconds - NTP_TO_UNIX) * 1e6 + fraction(micros);
  }
  counters.add('arrival_time_used');
  return receivedAt;
}

/** Corrects a broken microseconds count: a missing carry, a swapped number, or 0. */
function fraction(micros: number): number {
  if (micros < 2_000_000) return micros;
  const swapped = swap(micros);
  return swapped < 1_000_000 ? swapped : 0;
}

export function swap(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
