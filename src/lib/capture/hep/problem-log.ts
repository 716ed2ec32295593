/** Warnings about the behaviour of peers: one line per cause and minute, the rest is only counted. */
import type { Clock, Log } from '../../base/index.js';

const EVERY_MS = 60_000;

interface Cause {
  reportedAtMs: number;
  suppressed: number;
}

export class ProblemLog {
  private readonly causes = new Map<string, Cause>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** `cause` is one of a few fixed words; the text may differ each time. */
  warn(cause: string, text: string): void {
    const nowMs = this.clock.monotonic();
    const known = this.causes.get(cause);
    if (known !== undefined && nowMs - known.reportedAtMs < EVERY_MS) {
      known.suppressed++;
      return;
    }
    const more = known === undefined || known.suppressed === 0 ? '' : ` (${known.suppressed} more like this since the last report)`;
    this.causes.set(cause, { reportedAtMs: nowMs, suppressed: 0 });
    this.log.warn(text + more);
  }
}
