/** Increasing delays between attempts, never in step with others, and the decision when to give up. */

const FIRST_MS = 100;
const MAX_MS = 5000;
/** A closing sink tries for no longer than this, and more often. */
const CLOSING_MS = 3000;
const CLOSING_MAX_MS = 500;

export class BackOff {
  failures = 0;
  private waitedMs = 0;
  private closing = false;
  private timer: NodeJS.Timeout | null = null;
  private wake: () => void = () => {};

  constructor(private readonly giveUpMs: number) {}

  /** Waits after a failure; false if it is time to give up. */
  async wait(): Promise<boolean> {
    this.failures++;
    if (this.waitedMs >= (this.closing ? Math.min(this.giveUpMs, CLOSING_MS) : this.giveUpMs)) return false;
    const base = Math.min(FIRST_MS * 2 ** (this.failures - 1), this.closing ? CLOSING_MAX_MS : MAX_MS);
    const ms = base / 2 + Math.random() * (base / 2);
    this.waitedMs += ms;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.timer = setTimeout(resolve, ms);
    });
    return true;
  }

  /** Called at close: ends the current wait, and allows few more. */
  skipDelay(): void {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.wake();
  }
}
