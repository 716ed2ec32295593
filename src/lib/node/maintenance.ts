/** Scheduled work of `serve`: retention, and partitions before they are needed. */
import { after, type Environment } from '../base/index.js';
import type { Settings } from '../config/index.js';
import { mayBeHomer7 } from '../pipeline/output/chosen-shape.js';
import {
  loadShards,
  parseDatabaseUrl,
  partitionsAhead,
  retain,
  limitsSomething,
  shareOf,
  stepText,
  type SqlStore,
} from '../store/index.js';

const PARTITIONS_EVERY_SECONDS = 3600;

export class Maintenance {
  /** Of the timers. */
  private cancel: (() => void)[] = [];
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly env: Environment) {}

  start(settings: Settings): void {
    this.stop();
    const { retention } = settings;
    const partitioned = settings.databases.filter(isPartitioned);
    if (retention !== null) this.every(retention.everySeconds, () => this.prune(settings));
    if (partitioned.length > 0) this.every(PARTITIONS_EVERY_SECONDS, () => this.partitions(partitioned, settings.partitionAheadSeconds));
  }

  stop(): void {
    for (const cancel of this.cancel) cancel();
    this.cancel = [];
  }

  /** Resolves when nothing is running. */
  settled(): Promise<void> {
    return this.working;
  }

  private every(seconds: number, work: () => Promise<void>): void {
    const run = () => {
      this.working = this.working.then(work).catch((error: Error) => this.env.log.warn(`maintenance: ${error.message}`));
    };
    run();
    const again = () => {
      this.cancel[place] = after(seconds * 1000, () => {
        again();
        run();
      });
    };
    const place = this.cancel.length;
    again();
  }

  private readonly onFailed = (table: string, reason: string) => this.env.log.warn(`maintenance: table ${table}: ${reason}`);

  private async prune({ databases, retention }: Settings): Promise<void> {
    if (retention === null || !limitsSomething(retention)) return;
    await this.eachDatabase(databases, async (session, shards) => {
      for (const step of await retain(session, {
        ...shareOf(retention, shards),
        dryRun: false,
        nowSeconds: this.env.clock.now() / 1e6,
        onFailed: this.onFailed,
      }))
        this.env.log.info(`retention: ${stepText(step, false)}`);
    });
  }

  private async partitions(databases: Settings['databases'], aheadSeconds: number): Promise<void> {
    await this.eachDatabase(databases, (session) => partitionsAhead(session, this.env.clock.now() / 1e6, aheadSeconds, this.onFailed));
  }

  private async eachDatabase(
    databases: Settings['databases'],
    work: (session: Awaited<ReturnType<SqlStore['connected']>>, shards: number) => Promise<void>,
  ): Promise<void> {
    for (const { db } of databases) {
      const stores = await loadShards(db, { log: this.env.log, clock: this.env.clock });
      for (const store of stores) {
        try {
          await store.open();
          await work(await store.connected(), stores.length);
        } catch (error) {
          // The next one may be in order.
          this.env.log.warn(`maintenance of ${store.url.shown}: ${(error as Error).message}`);
        } finally {
          await store.close();
        }
      }
    }
  }
}

/** Tables of Homer 7 always are. */
function isPartitioned(database: Settings['databases'][number]): boolean {
  return database.partition !== 'none' || mayBeHomer7(database, parseDatabaseUrl(database.db));
}
