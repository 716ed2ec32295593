/** Waits longer and longer between tries, never in step with others, and says when to give up. */

const FIRST_MS = 100;
const LONGEST_MS = 5000;
/** A closing sink tries for this long at most, and often. */
const CLOSING_MS = 3000;
const CLOSING_LONGEST_MS = 500;

export class BackOff {
  failures = 0;
  private waitedMs = 0;
  private closing = false;
  private timer: NodeJS.Timeout | null = null;
  private wake: () => void = () => {};

  constructor(private readonly giveUpMs: number) {}

  /** Waits after a failure; false where it is time to give up. */
  async wait(): Promise<boolean> {
    this.failures++;
    if (this.waitedMs >= (this.closing ? Math.min(this.giveUpMs, CLOSING_MS) : this.giveUpMs)) return false;
    const base = Math.min(FIRST_MS * 2 ** (this.failures - 1), this.closing ? CLOSING_LONGEST_MS : LONGEST_MS);
    const ms = base / 2 + Math.random() * (base / 2);
    this.waitedMs += ms;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.timer = setTimeout(resolve, ms);
    });
    return true;
  }

  /** Closing time: ends a wait under way, and leaves few more. */
  skipDelay(): void {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.wake();
  }
}
