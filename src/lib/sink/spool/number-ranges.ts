/** A set of record numbers as ranges: what is known to be missing from a spool, so that it is counted once. */
export class NumberRanges {
  private ranges: { from: number; to: number }[] = [];

  /** Adds `from` up to but excluding `to`; returns how many of them are new. */
  add(from: number, to: number): number {
    if (to <= from) return 0;
    const before = this.countFrom(0);
    const merged = { from, to };
    const apart: { from: number; to: number }[] = [];
    for (const range of this.ranges) {
      if (range.to < from || range.from > to) {
        apart.push(range);
        continue;
      }
      merged.from = Math.min(merged.from, range.from);
      merged.to = Math.max(merged.to, range.to);
    }
    apart.push(merged);
    this.ranges = apart.sort((a, b) => a.from - b.from);
    return this.countFrom(0) - before;
  }

  /** How many of the numbers from `from` on are in the set. */
  countFrom(from: number): number {
    let count = 0;
    for (const range of this.ranges) if (range.to > from) count += range.to - Math.max(range.from, from);
    return count;
  }

  /** The first number from `number` on that is not in the set. */
  endFrom(number: number): number {
    return this.ranges.find(({ from, to }) => from <= number && number < to)?.to ?? number;
  }

  forgetBelow(number: number): void {
    if (this.ranges.length > 0) this.ranges = this.ranges.filter((range) => range.to > number);
  }
}
