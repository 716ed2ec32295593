/**
 * Sequence numbers of one source: what was received, lost, late and repeated (RFC 3550 appendix A.1 and A.3). The last 64
 * are tracked individually; a loss is counted, and its run ends, once no late packet can fill it.
 */

/** What a packet is. */
export const IN_ORDER = 0;
export const LATE = 1;
export const DUPLICATE = 2;
/** Far from what is expected, or later than the window: not counted as received, unless the next one follows it. */
export const STRAY = 3;
export type Arrival = typeof IN_ORDER | typeof LATE | typeof DUPLICATE | typeof STRAY;

const WINDOW = 64;
const MAX_DROPOUT = 3000;
const UNKNOWN = -1;

export interface LossCounts {
  /** Packets from the first to the last sequence number. */
  expected: number;
  lost: number;
  /** Runs of losses, and the longest. */
  runs: number;
  longestRun: number;
}

export class SequenceWindow {
  /** Packets that count, each sequence number once. */
  received = 0;
  late = 0;
  duplicates = 0;
  strays = 0;
  /** The numbers restarted elsewhere. */
  restarts = 0;
  /** How many were missing before the last packet that was in order. */
  missing = 0;
  private base = UNKNOWN;
  /** The highest number, extended beyond 65535. */
  private highest = UNKNOWN;
  /** The number that would follow a stray packet. */
  private awaited = UNKNOWN;
  /** The last 64 numbers, by their low 6 bits. */
  private low = 0;
  private high = 0;
  private lost = 0;
  private runs = 0;
  private longestRun = 0;
  private run = 0;
  private expectedBefore = 0;

  add(sequence: number): Arrival {
    if (this.highest === UNKNOWN) return this.begin(sequence);
    const step = (sequence - this.highest) & 0xffff;
    if (step === 1 && this.run === 0 && this.has(this.highest + 1)) {
      // The common case: nothing is missing in the window.
      this.highest++;
      this.received++;
      this.missing = 0;
      this.awaited = UNKNOWN;
      return IN_ORDER;
    }
    if (step > 0 && step < MAX_DROPOUT) return this.advance(step);
    const back = -step & 0xffff;
    return back < WINDOW ? this.lookBack(this.highest - back) : this.stray(sequence);
  }

  /** As of now: what is missing in the window counts as lost. */
  losses(): LossCounts {
    let { lost, runs, longestRun, run } = this;
    for (let at = Math.max(this.base, this.highest - WINDOW + 1); at <= this.highest && at >= 0; at++) {
      if (!this.has(at)) {
        lost++;
        run++;
      } else if (run > 0) {
        runs++;
        longestRun = Math.max(longestRun, run);
        run = 0;
      }
    }
    return { expected: this.expected, lost, runs, longestRun };
  }

  /** The highest number, with the cycles of 16 bits above it as RTCP has them. */
  get highestNumber(): number {
    return this.highest === UNKNOWN ? 0 : Math.max(0, this.highest - 0x10000) >>> 0;
  }

  get expected(): number {
    return this.highest === UNKNOWN ? 0 : this.expectedBefore + this.highest - this.base + 1;
  }

  private begin(sequence: number): Arrival {
    // Margin below for packets that are late at the very start.
    this.base = this.highest = sequence + 0x10000;
    this.low = this.high = 0;
    this.set(this.highest);
    this.received++;
    this.missing = 0;
    this.awaited = UNKNOWN;
    return IN_ORDER;
  }

  private advance(step: number): Arrival {
    const next = this.highest + step;
    for (let at = this.highest + 1; at <= next; at++) {
      if (at - WINDOW >= this.base) this.leave(at);
      this.clear(at);
    }
    this.set(next);
    this.highest = next;
    this.received++;
    this.missing = step - 1;
    this.awaited = UNKNOWN;
    return IN_ORDER;
  }

  /** The number 64 before `at` leaves the window. */
  private leave(at: number): void {
    if (!this.has(at)) {
      this.lost++;
      this.run++;
    } else if (this.run > 0) {
      this.runs++;
      this.longestRun = Math.max(this.longestRun, this.run);
      this.run = 0;
    }
  }

  private lookBack(at: number): Arrival {
    if (at < this.base) this.base = at;
    else if (this.has(at)) {
      this.duplicates++;
      return DUPLICATE;
    }
    this.set(at);
    this.received++;
    this.late++;
    return LATE;
  }

  /** Two in a row elsewhere are a restart (RFC 3550 appendix A.1); one is a forgery, or an error. */
  private stray(sequence: number): Arrival {
    if (this.awaited !== sequence) {
      this.awaited = (sequence + 1) & 0xffff;
      this.strays++;
      return STRAY;
    }
    const { lost, runs, longestRun, expected } = this.losses();
    this.lost = lost;
    this.runs = runs;
    this.longestRun = longestRun;
    this.run = 0;
    this.expectedBefore = expected;
    this.strays--;
    this.restarts++;
    this.begin((sequence - 1) & 0xffff);
    return this.advance(1);
  }

  private has(at: number): boolean {
    return (((at & 32) === 0 ? this.low : this.high) & (1 << (at & 31))) !== 0;
  }

  private set(at: number): void {
    if ((at & 32) === 0) this.low |= 1 << (at & 31);
    else this.high |= 1 << (at & 31);
  }

  private clear(at: number): void {
    if ((at & 32) === 0) this.low &= ~(1 << (at & 31));
    else this.high &= ~(1 << (at & 31));
  }
}
