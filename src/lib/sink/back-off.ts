/** Waits longer and longer between tries, never in step with others, and says when to give up. */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5000;
/** A closing sink tries for this long at most. */
const CLOSING_MS = 5000;

export class BackOff {
  failures = 0;
  private waitedMs = 0;

  constructor(private readonly giveUpMs: number) {}

  /** Waits after a failure; false where it is time to give up. */
  async wait(closing: boolean): Promise<boolean> {
    this.failures++;
    if (this.waitedMs >= (closing ? Math.min(this.giveUpMs, CLOSING_MS) : this.giveUpMs)) return false;
    const base = Math.min(FIRST_MS * 2 ** (this.failures - 1), LONGEST_MS);
    const ms = base / 2 + Math.random() * (base / 2);
    this.waitedMs += ms;
    await sleep(ms);
    return true;
  }
}
