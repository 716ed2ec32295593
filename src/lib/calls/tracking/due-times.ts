/**
 * Calls by the second in which they are looked at again; an entry that was placed anew is ignored at its old place. Nothing is
 * placed far ahead: a call that is over by then would be kept until its old place comes.
 */
import type { Call } from './call.js';

/** A jump in time beyond this is not walked second by second. */
const MAX_STEPS = 1000;
/** Seconds ahead at most; what is due later is looked at in between. */
const HORIZON = 8;

export class DueTimes {
  private readonly seconds = new Map<number, Call[]>();
  private last = 0;
  /** Up to where it is being advanced. */
  private target = 0;

  /** Entries, those that were placed anew included. */
  get size(): number {
    let size = 0;
    for (const calls of this.seconds.values()) size += calls.length;
    return size;
  }

  /** Places the call; of its places the latest counts. It may be handed over before its time. */
  place(call: Call, at: number): void {
    const now = Math.max(this.last, this.target);
    const second = Math.max(Math.min(Math.ceil(at / 1e6), now + HORIZON), now + 1);
    if (call.dueSecond === second) return;
    call.dueSecond = second;
    const calls = this.seconds.get(second);
    if (calls === undefined) this.seconds.set(second, [call]);
    else calls.push(call);
  }

  /** Hands over what is due up to `now`, second by second. */
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
