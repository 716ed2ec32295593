/** Partitions of any length side by side, without a default one: which one a time needs. Pure. */

export interface Range {
  /** Seconds since 1970 of its first second, and of the first after it. */
  from: number;
  until: number;
}

/** Null if one of `existing` (in order, none overlapping) holds that second, else the range of a new one that overlaps none of them. */
export function missingRange(second: number, existing: readonly Range[], defaultSeconds: number): Range | null {
  let before = -Infinity;
  let after = Infinity;
  for (const { from, until } of existing) {
    if (from <= second && second < until) return null;
    if (until <= second) before = Math.max(before, until);
    else after = Math.min(after, from);
  }
  const step = stepOf(existing, second, defaultSeconds);
  const from = Math.floor(second / step) * step;
  return { from: Math.max(from, before), until: Math.min(from + step, after) };
}

/** The length in force: of the nearest existing one that was not shortened to fit a gap, else the default. */
function stepOf(existing: readonly Range[], second: number, defaultSeconds: number): number {
  let best = defaultSeconds;
  let distance = Infinity;
  for (const { from, until } of existing) {
    const length = until - from;
    const away = Math.abs(from - second);
    if (away >= distance || !Number.isFinite(length) || length <= 0 || DAY % length !== 0 || from % length !== 0) continue;
    best = length;
    distance = away;
  }
  return best;
}

const DAY = 86_400;
