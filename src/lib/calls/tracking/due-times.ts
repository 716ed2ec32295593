/** Calls by the second in which they are looked at again; an entry that was placed anew is ignored at its old place. */
import type { Call } from './call.js';

/** A jump in time beyond this is not walked second by second. */
const MAX_STEPS = 1000;

export class DueTimes {
  private readonly seconds = new Map<number, Call[]>();
  private last = 0;

  /** Places the call; of its places the latest counts. */
  place(call: Call, at: number): void {
    const second = Math.max(Math.ceil(at / 1e6), this.last + 1);
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
