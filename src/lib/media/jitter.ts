/** Interarrival jitter (RFC 3550 section 6.4.1) in milliseconds, and where it was worst. */

/** More than this is a clock reset, not jitter; the limit is lower at the start of a talkspurt. */
const MAX_STEP_MS = 5000;
const MAX_FIRST_STEP_MS = 500;

export class Jitter {
  value = 0;
  highest = 0;
  /** Microseconds; 0 where there was none. */
  highestAt = 0;
  private sum = 0;
  private count = 0;
  private lastAt = 0;
  private lastTimestamp = 0;

  /**
   * A packet sent at `timestamp` of a clock with the given ticks per second. Not `isInOrder`: it arrived after
   * others that were sent later. Not `isRegular`: the first of a talkspurt, whose delay is not a worst moment.
   */
  add(at: number, timestamp: number, clockRate: number, isInOrder: boolean, isRegular: boolean): void {
    if (this.lastAt !== 0) {
      const sentMs = (((timestamp - this.lastTimestamp) | 0) * 1000) / clockRate;
      const difference = Math.abs((at - this.lastAt) / 1000 - sentMs);
      if (difference <= (isRegular ? MAX_STEP_MS : MAX_FIRST_STEP_MS)) {
        this.value += (difference - this.value) / 16;
        this.sum += this.value;
        this.count++;
        if (isRegular && this.value > this.highest) {
          this.highest = this.value;
          this.highestAt = at;
        }
      }
    }
    if (!isInOrder) return;
    this.lastAt = at;
    this.lastTimestamp = timestamp;
  }

  /** Another clock, or another source with the same identifier: new packets are not compared with old ones. */
  restart(): void {
    this.lastAt = 0;
  }

  /** Null where fewer than two packets could be compared. */
  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}
