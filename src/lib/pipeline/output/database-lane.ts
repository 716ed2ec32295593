/** One shard of a database output, or the whole of a database without shards: its connections, batches and spool. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Log, RowPacker, StoreDriver } from '../../base/index.js';
import { BatchSpool, SpooledSink, type Spoolable, type SpoolLegacy } from '../../sink/batch-spool/index.js';
import { BatchingSink, type BatchingOptions, type RowMaker } from '../../sink/batch/batching-sink.js';
import { ConcurrentWriters } from '../../sink/batch/concurrent-writers.js';
import { SpoolLog } from '../../sink/spool/index.js';
import type { RepeatWindow } from '../../hep/index.js';
import { engineOf, parseDatabaseUrl, type Store } from '../../store/index.js';
import type { SinkOptions } from '../options.js';
import type { DatabaseOptions } from './database-options.js';
import { LiveStream } from './live-stream.js';
import type { FileProgress } from './position-tracker.js';
import { namedLog } from './named-log.js';
import { restoreSpooled, restoreStored } from './stored-identities.js';
import { timedDriver } from './timed-driver.js';

const BATCH_BYTES = 2 * 1024 * 1024;
const AGE_MS = 250;
/** Of `--batch-rows`, where the engine has no larger ones. */
const BATCH_ROWS = 1000;
/** Rows buffered in memory while the database is slow or unavailable; further messages of live sources are lost and counted. */
const MAX_LIVE_ROWS = 60_000;
/** The same in batches, where the engine has larger ones: at least as many rows. */
const MAX_LIVE_BATCHES = 6;
/** Never reached: an import waits when two batches wait. */
const MAX_FILE_ROWS = 1_000_000;
/** An import gives up on a database that is unavailable for this long. */
const GIVE_UP_MS = 10_000;
/** With this many rows in memory, packets are spooled undecoded if there is a spool. */
const BEHIND_ROWS = 5000;
/** Of batches that take longer to write. */
const LARGE_PATIENCE_MS = 5000;
/** Folder of the spool within `--spool`. */
export const DATABASE_SPOOL = 'database';

export interface LaneOptions {
  database: DatabaseOptions;
  rows: RowMaker;
  onRefused: BatchingOptions['onRefused'];
  /** A batch was written to the database. */
  onBatch: (seconds: number, outcome: string) => void;
  /** How many there are. */
  lanes: number;
}

export class DatabaseLane {
  /** Sequence numbers of streams that the database knows. */
  readonly sequences = new Map<string, number>();
  output: Spoolable | SpooledSink | null = null;
  direct: Spoolable | null = null;
  spool: BatchSpool | null = null;
  disk: SpoolLog | null = null;
  private readonly batches: { rows: number; bytes: number; ageMs: number };
  private readonly isLarge: boolean;
  /** Rows with equal identity are one row: what was received need not be remembered. */
  private readonly isIdentified: boolean;
  private readonly packer: (() => RowPacker) | undefined;

  /** `name`: the shard's, '' where there is one lane only. */
  constructor(
    readonly name: string,
    readonly stores: readonly Store[],
    private readonly options: LaneOptions,
  ) {
    const { sinks } = options.database;
    const { batches, isIdentified = false, packer } = engineOf(parseDatabaseUrl(sinks.db!).kind);
    this.isIdentified = isIdentified;
    this.packer = packer;
    const asked = sinks.batchRows;
    this.isLarge = batches !== undefined;
    this.batches =
      batches === undefined
        ? { rows: asked, bytes: BATCH_BYTES, ageMs: AGE_MS }
        : { ...batches, rows: asked === BATCH_ROWS ? batches.rows : asked };
  }

  async openStores(): Promise<void> {
    for (const store of this.stores) await store.open();
  }

  /** What earlier runs stored, or left in the spool, is known to `repeats`. */
  async restore(repeats: RepeatWindow, isFirst: boolean): Promise<void> {
    if (this.isIdentified) return;
    const { env, sinks, spoolName = DATABASE_SPOOL, processes = 1 } = this.options.database;
    const { spool } = sinks.hep;
    await restoreStored(this.stores[0], repeats, env.log, processes);
    if (spool !== '') restoreSpooled(join(spool, this.folder(spool, spoolName, isFirst)), repeats);
  }

  async openSpool({ spool, spoolSync, spoolMaxBytes, spoolMaxAgeSeconds }: SinkOptions['hep'], isFirst: boolean): Promise<void> {
    const { env, ledger, spoolName = DATABASE_SPOOL, drains } = this.options.database;
    const { log, clock } = env;
    this.disk = await SpoolLog.open({
      directory: join(spool, this.folder(spool, spoolName, isFirst)),
      clock,
      log: this.log(log),
      sync: spoolSync,
      maxBytes: Math.floor(spoolMaxBytes / this.options.lanes),
      maxAgeSeconds: spoolMaxAgeSeconds,
    });
    this.spool = new BatchSpool({
      spool: this.disk,
      store: this.stores[0],
      log: this.log(log),
      clock,
      dropped: ledger.dropped,
      patienceMs: this.isLarge ? LARGE_PATIENCE_MS : AGE_MS,
      onOutage: drains === true ? 'its rows stay in the spool' : undefined,
      onRefused: this.options.onRefused,
      divisible: this.isLarge,
    });
  }

  /** What the previous output left in the spool; its files may have been removed meanwhile. */
  inherit(legacy: SpoolLegacy): void {
    const { spool, disk } = this;
    if (spool === null || disk === null) return;
    const isThere = (number: number) => disk.lossOf(number) !== '' || (number >= disk.nextUnread && number < disk.nextRecord);
    spool.accounts.inherit(legacy, isThere);
  }

  /** The sink of its messages. */
  sink(files: FileProgress | undefined, log: Log): Spoolable | SpooledSink {
    const { clock } = this.options.database.env;
    const writers = this.stores.map((store) =>
      this.writer(
        this.spool === null ? this.timed(store) : this.spool.behind(this.timed(store)),
        files ?? new LiveStream(() => clock.now()),
        this.log(log),
      ),
    );
    const direct = writers.length === 1 ? writers[0] : new ConcurrentWriters(writers);
    this.output = this.spool === null ? direct : new SpooledSink(direct, this.spool);
    this.direct = direct;
    return this.output;
  }

  /** The database is so far behind that packets had better wait undecoded. */
  get isBehind(): boolean {
    return this.direct!.waiting >= (this.isLarge ? 3 * this.batches.rows : BEHIND_ROWS);
  }

  get batchesLeft(): number {
    return this.spool?.backlog ?? 0;
  }

  /** The shards' spools are named by their first hosts; the first one keeps that of a time without shards. */
  private folder(spool: string, base: string, isFirst: boolean): string {
    if (this.name === '' || (isFirst && existsSync(join(spool, base)))) return base;
    return `${base}-${this.name.replace(/[^\w.-]/g, '_')}`;
  }

  /** Messages of the log name the shard. */
  private log(log: Log): Log {
    return this.name === '' ? log : namedLog(log, `shard ${this.name}`);
  }

  private timed(driver: StoreDriver): StoreDriver {
    return timedDriver(driver, this.options.database.env.clock, this.options.onBatch);
  }

  private writer(driver: StoreDriver, source: FileProgress | LiveStream, log: Log): BatchingSink {
    const { live, ledger, sole, repeats } = this.options.database;
    const { rows, bytes, ageMs } = this.batches;
    const maxLiveRows = Math.max(MAX_LIVE_ROWS / this.stores.length, this.isLarge ? MAX_LIVE_BATCHES * rows : 0);
    return new BatchingSink({
      name: 'database',
      driver,
      rows: this.options.rows,
      packer: this.packer?.(),
      log,
      batchRows: rows,
      batchBytes: bytes,
      ageMs,
      maxRows: live ? maxLiveRows : MAX_FILE_ROWS,
      giveUpMs: live ? Infinity : GIVE_UP_MS,
      ...(source instanceof LiveStream
        ? {
            positions: () => source.positions(),
            renewStreams: (states) => source.renew(states),
            ...(repeats && !this.isIdentified ? { onAdded: (message) => source.note(message) } : {}),
          }
        : { positions: () => source.positions(), ...(source.comparison === null ? {} : { comparison: source.comparison }) }),
      ...(sole === true ? { onPresent: (messages: number) => ledger.leaveOut('already_stored', messages) } : {}),
      sequences: this.sequences,
      onRefused: this.options.onRefused,
    });
  }
}
