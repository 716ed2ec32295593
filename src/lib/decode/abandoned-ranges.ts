/** The holes given up most recently: bytes that arrive for them later were never delivered, so they are not retransmissions. */
import { before } from './segment-queue.js';

interface Range {
  from: number;
  to: number;
}

const MAX_RANGES = 8;

export class AbandonedRanges {
  private ranges: Range[] | null = null;

  add(from: number, to: number): void {
    this.ranges ??= [];
    if (this.ranges.length === MAX_RANGES) this.ranges.shift();
    this.ranges.push({ from, to });
  }

  /** Removes and returns the first part of [from, to) that lies in a hole; null if none does. */
  claim(from: number, to: number): Range | null {
    if (this.ranges === null) return null;
    let best: Range | null = null;
    for (const range of this.ranges) {
      const start = before(range.from, from) ? from : range.from;
      const end = before(to, range.to) ? to : range.to;
      if (before(start, end) && (best === null || before(start, best.from))) best = { from: start, to: end };
    }
    if (best !== null) this.cut(best);
    return best;
  }

  clear(): void {
    this.ranges = null;
  }

  private cut({ from, to }: Range): void {
    const rest: Range[] = [];
    for (const range of this.ranges!) {
      if (!before(range.from, to) || !before(from, range.to)) rest.push(range);
      else {
        if (before(range.from, from)) rest.push({ from: range.from, to: from });
        if (before(to, range.to)) rest.push({ from: to, to: range.to });
      }
    }
    this.ranges = rest.length > 0 ? rest.slice(-MAX_RANGES) : null;
  }
}
