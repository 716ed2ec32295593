/** A process in small: one or two batching writers, a batch spool on a real disk, and the model database. */
import { cpSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Counters, silentLog, systemClock, type Log, type StoreBatch, type StoreDriver } from '../../../src/lib/base/index.js';
import { BatchSpool } from '../../../src/lib/sink/batch-spool/index.js';
import { SpoolLog, type SpoolOptions } from '../../../src/lib/sink/spool/index.js';
import { ModelStore, type ModelDatabase } from './model-database.js';

export const PATIENCE_MS = 15;

export class ModelProcess {
  /** Rows passed to the writer. */
  readonly taken: number[] = [];
  private sequence = 0;
  private direct = 0;
  private directRefused = 0;
  private readonly driver: StoreDriver;

  private constructor(
    readonly directory: string,
    readonly log: SpoolLog,
    readonly store: ModelStore,
    readonly spool: BatchSpool,
    private readonly stream: string,
    /** Rows that were refused, in the order in which that was reported. */
    readonly quarantined: number[],
    /** Packets that were lost undecoded. */
    readonly dropped: Counters,
  ) {
    this.driver = spool.behind(store);
  }

  static async start(
    database: ModelDatabase,
    directory: string,
    stream: string,
    options: Partial<SpoolOptions> = {},
    log: Log = silentLog,
  ): Promise<ModelProcess> {
    const kept = await SpoolLog.open({
      directory,
      clock: systemClock,
      log: silentLog,
      sync: 'never',
      maxBytes: 0,
      maxAgeSeconds: 0,
      ...options,
    });
    const store = new ModelStore(database);
    const quarantined: number[] = [];
    const dropped = new Counters();
    const spool = new BatchSpool({
      spool: kept,
      store,
      log,
      dropped,
      patienceMs: PATIENCE_MS,
      retryMs: 5,
      onRefused: (_row, _columns, values) => quarantined.push(values[0] as number),
    });
    spool.start(null);
    return new ModelProcess(directory, kept, store, spool, stream, quarantined, dropped);
  }

  /** Writes one batch like the batching sink: until it is accepted. */
  async write(numbers: readonly number[]): Promise<void> {
    this.taken.push(...numbers);
    const batch = batchOf(this.stream, ++this.sequence, numbers);
    for (;;) {
      const result = await this.driver.write(batch);
      if (result.outcome === 'unavailable') {
        await sleep(2);
        continue;
      }
      if (result.outcome === 'spooled') return;
      const refused = result.outcome === 'stored' ? result.refused : [];
      this.direct += numbers.length - refused.length;
      this.directRefused += refused.length;
      return;
    }
  }

  get counts(): { before: number; taken: number; written: number; refused: number; waiting: number; lost: number } {
    this.spool.noteLost();
    const { before, written, refused, lost } = this.spool.accounts;
    return {
      before,
      taken: this.taken.length,
      written: written + this.direct,
      refused: refused + this.directRefused,
      waiting: this.spool.waiting,
      lost: lost.total(),
    };
  }

  /** SIGKILL: the disk stays as it is at this moment, in a folder of its own; the connection dies. */
  crash(to: string): void {
    this.store.kill();
    cpSync(this.directory, to, { recursive: true, filter: (source) => !source.endsWith('/lock') });
  }

  /** After `crash`: what still runs of the dead process ends. */
  async bury(): Promise<void> {
    this.spool.stop();
    await this.spool.end();
  }

  async close(): Promise<void> {
    await this.spool.close(5000);
    await this.spool.end();
  }
}

export function batchOf(stream: string, sequence: number, numbers: readonly number[]): StoreBatch {
  return {
    streams: [{ stream, sequence, position: '' }],
    rows: [{ table: 't', columns: ['number'], values: [...numbers], count: numbers.length }],
  };
}

export async function untilTrue(what: string, condition: () => boolean, seconds = 10): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > seconds * 500) throw new Error(`never: ${what}`);
    await sleep(2);
  }
}
