/** Warns while a run loses messages: when it begins, and then every ten seconds while it continues. */
import { grouped, type Clock, type Ledger, type Log } from '../base/index.js';
import type { Outputs } from './output/outputs.js';

/** Losses so far, by place. */
export type Losses = Readonly<Record<string, number>>;

const LOOK_EVERY_MS = 1000;
const REPORT_EVERY_MS = 10_000;
/** Output whose reader closed the pipe on purpose. */
const CLOSED_BY_READER: ReadonlySet<string> = new Set(['output', 'file']);

export class LossMonitor {
  private readonly timer: NodeJS.Timeout;
  private reported: Losses = {};
  private reportedAt = -Infinity;

  /** `advice` returns how to avoid losses, '' if nothing helps; settings may change meanwhile. */
  constructor(
    private readonly losses: () => Promise<Losses> | Losses,
    private readonly advice: () => string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    const look = () => this.look().catch((error: unknown) => log.error(`internal error, counting losses: ${String(error)}`));
    this.timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async look(): Promise<void> {
    const now = await this.losses();
    if (this.clock.monotonic() - this.reportedAt < REPORT_EVERY_MS) return;
    const fresh = Object.entries(now)
      .map(([where, count]) => [where, count - (this.reported[where] ?? 0)] as const)
      .filter(([, count]) => count > 0);
    if (fresh.length === 0) return;
    const places = fresh.map(([where, count]) => `${grouped(count)} ${where}`).join(', ');
    const advice = this.advice();
    this.log.warn(`losing messages: ${places}${advice === '' ? '' : `; ${advice}`}`);
    this.reported = now;
    this.reportedAt = this.clock.monotonic();
  }
}

/** For which a spool loses packets that wait in it undecoded. */
const SPOOL = ['spool_evicted', 'spool_missing', 'spool_corrupt', 'spool_record_unknown', 'disk_full', 'spool_write_failed'];

/** Drops before decoding, and the losses of each output. */
export function lossesOf(outputs: Outputs, ledger: Ledger): Losses {
  const losses: Record<string, number> = {
    'before decoding': ledger.dropped.get('overload'),
    'while reloading': ledger.dropped.get('while_reloading'),
    'in the socket buffer': ledger.dropped.get('socket_buffer'),
    'undecoded in the spool': total(ledger, SPOOL),
  };
  for (const { sink, counts } of outputs.counts()) losses[`for ${sink}`] = (losses[`for ${sink}`] ?? 0) + counts.lost;
  return losses;
}

/** Packets received and dropped because outputs did not accept them; kernel drops were never received. */
const SHED = ['overload', 'while_reloading', ...SPOOL];

/** True if received messages did not reach their outputs; a closed pipe does not count. */
export function lostSome(outputs: Outputs, ledger: Ledger): boolean {
  return total(ledger, SHED) > 0 || outputs.counts().some(({ sink, counts }) => !CLOSED_BY_READER.has(sink) && counts.lost > 0);
}

function total({ dropped }: Ledger, reasons: readonly string[]): number {
  return reasons.reduce((sum, reason) => sum + dropped.get(reason), 0);
}
