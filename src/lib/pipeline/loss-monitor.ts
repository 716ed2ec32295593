/** Says while a run goes on what it loses: when it begins, and then every ten seconds that it goes on. */
import type { Clock, Log, Ledger } from '../base/index.js';
import type { RunOptions } from './options.js';
import type { SinkSet } from './output/outputs.js';

/** What was lost so far, by where. */
export type Losses = Readonly<Record<string, number>>;

const LOOK_EVERY_MS = 1000;
const SAY_EVERY_MS = 10_000;

export class LossWatch {
  private readonly timer: NodeJS.Timeout;
  private reported: Losses = {};
  private saidAt = -Infinity;

  /** `advice` is how to lose nothing, '' where nothing helps. */
  constructor(
    private readonly losses: () => Promise<Losses> | Losses,
    private readonly advice: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async look(): Promise<void> {
    const now = await this.losses();
    if (this.clock.monotonic() - this.saidAt < SAY_EVERY_MS) return;
    const fresh = Object.entries(now)
      .map(([where, count]) => [where, count - (this.reported[where] ?? 0)] as const)
      .filter(([, count]) => count > 0);
    if (fresh.length === 0) return;
    this.log.warn(
      `messages are lost: ${fresh.map(([where, count]) => `${count.toLocaleString('en-US')} ${where}`).join(', ')}${this.advice === '' ? '' : `; ${this.advice}`}`,
    );
    this.reported = now;
    this.saidAt = this.clock.monotonic();
  }
}

/** What was shed before decoding, and what each sink lost. */
export function lossesOf(set: SinkSet, ledger: Ledger): Losses {
  const losses: Record<string, number> = {
    'before decoding': ledger.dropped.get('overload'),
    'that the spool refused': ledger.dropped.get('spool_full'),
  };
  for (const { sink, counts } of set.counts()) losses[`for ${sink}`] = (losses[`for ${sink}`] ?? 0) + counts.lost;
  return losses;
}

/** True where messages were found and could not be brought to where they belong; who closes the pipe has seen enough. */
export function lostSome(set: SinkSet, ledger: Ledger): boolean {
  return (
    ledger.dropped.get('spool_full') + ledger.dropped.get('spool_evicted') > 0 ||
    set.counts().some(({ sink, counts }) => sink !== 'output' && counts.lost > 0)
  );
}

export function adviceFor({ sinks: { db, hep } }: RunOptions): string {
  return hep.spool === '' && (db !== undefined || hep.targets.length > 0) ? '--spool DIR would keep them' : '';
}
