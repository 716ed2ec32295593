/**
 * `--hep-rate`: how fast finite input is sent as HEP over UDP, which has no flow control: a receiver with the system's
 * default buffer would lose most packets at the speed at which files are read.
 */
import { UsageError, type Clock } from '../../base/index.js';

/** Packets per second; 0 is unlimited; `capture` keeps the time between packets. */
export type HepRate = number | 'capture';

export const DEFAULT_HEP_RATE = 2000;

export function parseHepRate(text: string): HepRate {
  if (text === 'capture') return 'capture';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`invalid --hep-rate '${text}': expected packets per second, 'capture' or 0 (no limit)`);
}

/** When packets are due that keep their captured intervals. */
export class CapturePace {
  private firstAt = -1;
  private startMs = 0;

  constructor(private readonly clock: Clock) {}

  /** The clock's `monotonic()` at which a packet captured at `at` (microseconds since 1970) is due. */
  dueMs(at: number): number {
    if (this.firstAt < 0) {
      this.firstAt = at;
      this.startMs = this.clock.monotonic();
    }
    return this.startMs + (at - this.firstAt) / 1000;
  }
}
