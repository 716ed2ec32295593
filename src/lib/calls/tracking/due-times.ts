/**
 * Calls by the second in which they are checked again; a rescheduled entry is ignored in its old slot. Nothing is
 * scheduled far ahead: a call that has ended by then would be kept until its old slot is due.
 */
import type { Call } from './call.js';

/** A larger jump in time is not processed second by second. */
const MAX_STEPS = 1000;
/** Seconds ahead at most; calls due later are checked in between. */
const HORIZON = 8;

export class DueTimes {
  private readonly seconds = new Map<number, Call[]>();
  private last = 0;
  /** The time up to which it is being advanced. */
  private target = 0;

  /** Entries, including rescheduled ones. */
  get size(): number {
    let size = 0;
    for (const calls of this.seconds.values()) size += calls.length;
    return size;
  }

  /** Schedules the call; only its latest slot counts. It may be delivered before its time. */
  place(call: Call, at: number): void {
    const now = Math.max(this.last, this.target);
    const second = Math.max(Math.min(Math.ceil(at / 1e6), now + HORIZON), now + 1);
    if (call.dueSecond === second) return;
    call.dueSecond = second;
    const calls = this.seconds.get(second);
    if (calls === undefined) this.seconds.set(second, [call]);
    else calls.push(call);
  }

  /** Delivers what is due up to `now`, second by second. */
  advance(now: number, take: (calls: Call[]) => void): void {
    const second = Math.floor(now / 1e6);
    if (second <= this.last) return;
    this.target = second;
    if (this.last === 0 || second - this.last > MAX_STEPS) {
      const due = [...this.seconds.keys()].filter((each) => each <= second).sort((a, b) => a - b);
      for (const each of due) this.step(each, take);
    } else for (let each = this.last + 1; each <= second; each++) this.step(each, take);
    this.last = second;
  }

  private step(second: number, take: (calls: Call[]) => void): void {
    this.last = second;
    const calls = this.seconds.get(second);
    if (calls === undefined) return;
    this.seconds.delete(second);
    const due = calls.filter((call) => call.dueSecond === second);
    for (const call of due) call.dueSecond = 0;
    if (due.length > 0) take(due);
  }
}
