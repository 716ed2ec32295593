/** What `serve` does by the clock: retention, and partitions before they are needed. */
import type { Surroundings } from '../run-options.js';
import type { Settings } from '../settings/index.js';
import { loadStore, partitionsAhead, retain } from '../../store/index.js';
import { limitsSomething, stepText } from '../db-prune.js';

const PARTITIONS_EVERY_SECONDS = 3600;

export class Upkeep {
  private timers: NodeJS.Timeout[] = [];
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly around: Surroundings) {}

  start(settings: Settings): void {
    this.stop();
    const { retention } = settings;
    const partitioned = settings.databases.some(({ partition }) => partition !== 'none');
    if (retention !== null) this.every(retention.everySeconds, () => this.prune(settings));
    if (partitioned) this.every(PARTITIONS_EVERY_SECONDS, () => this.partitions(settings));
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.working;
  }

  private every(seconds: number, work: () => Promise<void>): void {
    const run = () => {
      this.working = this.working.then(work).catch((error: Error) => this.around.log.warn(`upkeep: ${error.message}`));
    };
    run();
    this.timers.push(setInterval(run, seconds * 1000));
  }

  private async prune({ databases, retention }: Settings): Promise<void> {
    if (retention === null || !limitsSomething(retention)) return;
    await this.eachDatabase(databases, async (session) => {
      for (const step of await retain(session, { ...retention, dryRun: false, nowSeconds: this.around.clock.now() / 1e6 })) this.around.log.info(`retention: ${stepText(step, false)}`);
    });
  }

  private async partitions({ databases, partitionAheadSeconds }: Settings): Promise<void> {
    await this.eachDatabase(databases, (session) => partitionsAhead(session, this.around.clock.now() / 1e6, partitionAheadSeconds));
  }

  private async eachDatabase(databases: Settings['databases'], work: (session: Awaited<ReturnType<Awaited<ReturnType<typeof loadStore>>['connected']>>) => Promise<void>): Promise<void> {
    for (const { db } of databases) {
      const store = await loadStore(db, { log: this.around.log, clock: this.around.clock });
      try {
        await store.open();
        await work(await store.connected());
      } finally {
        await store.close();
      }
    }
  }
}
