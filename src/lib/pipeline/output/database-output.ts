/** The database output of a run: drivers, batches, concurrent writers, spool, quarantine, and stored positions of capture files. */
import { join } from 'node:path';
import { UnreachableError, UsageError, withoutEchoes, type Log, type Sink, type StoreDriver, Ledger } from '../../base/index.js';
import type { CaptureFiles } from '../../capture/file/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import { BatchSpool, SpooledSink, type SpoolLegacy, type Spoolable } from '../../sink/batch-spool/index.js';
import { BatchingSink } from '../../sink/batch/batching-sink.js';
import { ConcurrentWriters } from '../../sink/batch/concurrent-writers.js';
import { SpoolLog } from '../../sink/spool/index.js';
import {
  TableName,
  engineOf,
  parseDatabaseUrl,
  refusePartitions,
  type RefusingTable,
  type RefusingTables,
  type Store,
} from '../../store/index.js';
import { UndecodedAdmission } from './undecoded-admission.js';
import { RECORD_ARRIVALS } from './undecoded-record.js';
import { ArrivalReader } from './undecoded-replay.js';
import { ArrivalSpool } from './undecoded-spool.js';
import { findFileStreams } from './file-streams.js';
import { LiveStream } from './live-stream.js';
import type { FilePosition, FileProgress } from './position-tracker.js';
import { Quarantine, checkQuarantine } from './quarantine.js';
import { MessageRows } from './message-rows.js';
import { chosenShape, preparedShape, warnUnknownShape } from './chosen-shape.js';
import { openSoon } from './open-soon.js';
import { refuseZonedDate } from './refuse-zoned-date.js';
import type { SinkOptions } from '../options.js';
import type { DatabaseOptions } from './database-options.js';
import { loadStores } from './database-stores.js';
import { timedDriver } from './timed-driver.js';

const BATCH_BYTES = 2 * 1024 * 1024;
const AGE_MS = 250;
/** Rows buffered in memory while the database is slow or unavailable; further messages of live sources are lost and counted. */
const MAX_LIVE_ROWS = 60_000;
/** Never reached: an import waits when two batches wait. */
const MAX_FILE_ROWS = 1_000_000;
/** An import gives up on a database that is unavailable for this long. */
const GIVE_UP_MS = 10_000;
/** With this many rows in memory, packets are spooled undecoded if there is a spool. */
const BEHIND_ROWS = 5000;
/** Attempts of a drain to store a batch: enough to find the rows that the database never takes, and set them aside. */
const DRAIN_ATTEMPTS = 6;
/** Folder of the spool within `--spool`. */
export const DATABASE_SPOOL = 'database';

/** How many messages wait, and where. */
export interface QueueDepth {
  memory: number;
  spool: number;
}

export class Database {
  readonly rows: MessageRows;
  private readonly sequences = new Map<string, number>();
  private output: Spoolable | SpooledSink | null = null;
  private direct: Spoolable | null = null;
  private spool: BatchSpool | null = null;
  private disk: SpoolLog | null = null;
  private arrivals: ArrivalSpool | null = null;
  private reader: ArrivalReader | null = null;
  private readonly admission: UndecodedAdmission;

  /** Takes packets that the spool refused: they wait decoded, in memory. */
  decodeNow: (arrival: HepArrival) => void = () => {};

  /** Called for each batch written to the database, with the time it took and the outcome. */
  onBatch: (seconds: number, outcome: string) => void = () => {};

  private constructor(
    private readonly stores: readonly Store[],
    private readonly refusing: RefusingTables,
    private readonly options: DatabaseOptions,
  ) {
    this.rows = new MessageRows(options.sinks, options.env.clock, options.live || options.drains === true);
    this.rows.onTableIgnored = (table) =>
      options.env.log.warn(`table ${table} of the script is ignored: the tables of Homer 7 have fixed names`);
    this.admission = new UndecodedAdmission(options.authKey ?? '');
  }

  /** Throws if the database cannot be reached; live sources log it and continue. `legacy`: what the previous output left in the spool. */
  static async open(options: DatabaseOptions, legacy: SpoolLegacy | null = null): Promise<Database> {
    const { sinks, env, live } = options;
    const url = parseDatabaseUrl(sinks.db!);
    const now = env.clock.now();
    const sip = new TableName(sinks.table).at(now);
    chosenShape(sinks, url);
    if (sip.toLowerCase() === new TableName(sinks.reportTable).at(now).toLowerCase())
      throw new UsageError(`SIP and reports cannot share the table ${sip}: their columns differ`);
    if (sinks.partition !== 'none') refusePartitions(url.kind);
    checkQuarantine(sinks.quarantine, env.log);
    const { stores, refusing } = await loadStores(options);
    const database = new Database(stores, refusing, options);
    try {
      if (live) await openSoon(database.openStores(), url.shown, env.log);
      else if (options.drains !== true) await database.openStores();
    } catch (error) {
      if (!live || !(error instanceof UnreachableError)) {
        for (const store of stores) await store.close();
        throw error;
      }
      env.log.warn(`${error.message}; retrying`);
      warnUnknownShape(sinks, url, env.log);
    }
    if ((live || options.drains === true) && sinks.hep.spool !== '') await database.openSpool(sinks.hep);
    if (legacy !== null) database.spool?.accounts.inherit(legacy);
    return database;
  }

  private async openStores(): Promise<true> {
    const { sinks, env } = this.options;
    for (const store of this.stores) await store.open();
    const url = parseDatabaseUrl(sinks.db!);
    const { zonedTime } = engineOf(url.kind);
    this.rows.useShape(await preparedShape(sinks, url, this.stores[0]));
    if (sinks.localDate) await refuseZonedDate(this.stores[0], new TableName(sinks.table).at(env.clock.now()), zonedTime);
    return true;
  }

  /** Opens the database and stores the backlog; resolves when it is empty, when the database refuses, or after `stopDraining`. */
  async drain(): Promise<void> {
    await this.openStores();
    if (this.spool!.state === 'stopped') return;
    this.startSpool(this.spool!);
    await this.spool!.drain(DRAIN_ATTEMPTS);
  }

  stopDraining(): void {
    this.spool?.stop();
  }

  /** Batches that wait in the spool. */
  get batchesLeft(): number {
    return this.spool?.backlog ?? 0;
  }

  /** The sink; `files`: where the run is in them. */
  sink(files?: FileProgress): Sink {
    if (files !== undefined && this.stores.length > 1) throw new Error('positions move in order: one writer only');
    const log = withoutEchoes(this.options.env.log, this.options.env.clock);
    const writers = this.stores.map((store) =>
      this.writer(this.spool === null ? this.timed(store) : this.spool.behind(this.timed(store)), files ?? new LiveStream(), log),
    );
    const direct = writers.length === 1 ? writers[0] : new ConcurrentWriters(writers);
    this.output = this.spool === null ? direct : new SpooledSink(direct, this.spool);
    this.direct = direct;
    if (this.spool !== null && this.options.drains !== true) this.startSpool(this.spool);
    return this.output;
  }

  /**
   * Takes a packet undecoded while the database is behind: then it waits in the spool at less cost. False if it is
   * to be decoded now; so is what is not HEP or lacks the key, which must not fill the spool, and what the spool refuses
   * because its disk does. Only for runs in which this is the only sink.
   */
  takeUndecoded(arrival: HepArrival): boolean {
    const { spool, arrivals } = this;
    if (spool === null || arrivals === null || (!spool.busy && arrivals.waiting === 0 && this.direct!.waiting < BEHIND_ROWS)) return false;
    if (this.disk?.refusal !== '' || !this.admission.admits(arrival)) return false;
    arrivals.take(arrival);
    return true;
  }

  /** False while the database is so far behind that messages are lost: dropped before decoding rather than after. */
  get hasRoom(): boolean {
    return this.output === null || this.output.failure !== '' || this.output.hasRoom;
  }

  /** Why it gave up for good, else ''. */
  get failure(): string {
    return this.output?.failure ?? '';
  }

  /** Tables that cannot be written although the database can. */
  get failingTables(): RefusingTable[] {
    return this.refusing.failing();
  }

  get hasSpool(): boolean {
    return this.spool !== null;
  }

  /** Rows and undecoded packets in memory and in the spool. */
  get depth(): QueueDepth {
    return {
      memory: (this.direct?.waiting ?? 0) + (this.arrivals?.waiting ?? 0),
      spool: (this.spool?.waiting ?? 0) + (this.spool?.rawWaiting ?? 0),
    };
  }

  /** True if rows could not be stored. */
  get unreachable(): boolean {
    return (this.output !== null && this.output.failure !== '') || this.batchesLeft > 0;
  }

  /** What it took out of packets that waited undecoded; null without a spool. */
  get later(): Pick<ArrivalReader, 'published' | 'captured'> | null {
    return this.reader;
  }

  /** Packets waiting undecoded. */
  get undecodedPackets(): number {
    return (this.spool?.rawWaiting ?? 0) + (this.arrivals?.waiting ?? 0);
  }

  /** What it left in its spool after close; null without a spool. */
  get legacy(): SpoolLegacy | null {
    return this.spool?.legacy ?? null;
  }

  /** Adds to the ledger the values that were changed to fit their columns. */
  note(ledger: Ledger): void {
    for (const [column, count] of this.rows.cuts.entries()) ledger.notes.add(column, count);
    const lostPackets = this.spool?.accounts.lostPackets ?? 0;
    if (lostPackets > 0) ledger.dropped.add('spool_evicted', lostPackets);
    if (this.refusals !== null && this.refusals.lost > 0) ledger.notes.add('quarantine_failed', this.refusals.lost);
    for (const store of this.stores) for (const [what, count] of store.adjusted.entries()) ledger.notes.add(what, count);
  }

  private timed(driver: StoreDriver): StoreDriver {
    return timedDriver(driver, this.options.env.clock, (seconds, outcome) => this.onBatch(seconds, outcome));
  }

  private writer(driver: StoreDriver, source: FileProgress | LiveStream, log: Log): BatchingSink {
    const { sinks, live, ledger, sole } = this.options;
    return new BatchingSink({
      name: 'database',
      driver,
      rows: this.rows,
      log,
      batchRows: sinks.batchRows,
      batchBytes: BATCH_BYTES,
      ageMs: AGE_MS,
      maxRows: live ? MAX_LIVE_ROWS / this.stores.length : MAX_FILE_ROWS,
      giveUpMs: live ? Infinity : GIVE_UP_MS,
      ...(source instanceof LiveStream
        ? { positions: () => source.positions(), renewStreams: () => source.renew() }
        : { positions: () => source.positions(), ...(source.comparison === null ? {} : { comparison: source.comparison }) }),
      ...(sole === true ? { onPresent: (messages: number) => ledger.leaveOut('already_stored', messages) } : {}),
      sequences: this.sequences,
      onRefused: this.quarantine,
    });
  }

  private readonly quarantine: BatchingSinkRefusal = (row, columns, values) => {
    this.refusals ??= new Quarantine(this.options.sinks.quarantine, this.options.env.log, this.options.live);
    this.refusals.add(row, columns, values);
  };
  private refusals: Quarantine | null = null;

  private startSpool(spool: BatchSpool): void {
    const { ledger, authKey, filter } = this.options;
    const readerFor = (counting: Ledger) => new ArrivalReader(this.rows, counting, authKey ?? '', filter ?? null);
    const [reader, repeating] = [readerFor(ledger), readerFor(new Ledger())];
    this.reader = reader;
    const arrivals = new ArrivalSpool(
      (record, packets) => spool.keepRaw(record, packets),
      (arrival) => this.decodeNow(arrival),
    );
    this.arrivals = arrivals;
    spool.start({
      type: RECORD_ARRIVALS,
      read: (record, again) => (again ? repeating : reader).read(record),
      flush: () => arrivals.flush(),
      rowsBefore: () => this.direct!.waiting > 0,
    });
  }

  private async openSpool({ spool, spoolSync, spoolMaxBytes, spoolMaxAgeSeconds }: SinkOptions['hep']): Promise<void> {
    const { log, clock } = this.options.env;
    const kept = await SpoolLog.open({
      directory: join(spool, this.options.spoolName ?? DATABASE_SPOOL),
      clock,
      log,
      sync: spoolSync,
      maxBytes: spoolMaxBytes,
      maxAgeSeconds: spoolMaxAgeSeconds,
    });
    this.disk = kept;
    const onOutage = this.options.drains === true ? 'its rows stay in the spool' : undefined;
    const how = { log, clock, patienceMs: AGE_MS, onOutage, onRefused: this.quarantine };
    this.spool = new BatchSpool({ spool: kept, store: this.stores[0], ...how });
  }

  /** For each file its stream and, unless everything is to be stored again, the position to resume after. */
  filePositions(files: CaptureFiles, settings: string, again: boolean): Promise<FilePosition[]> {
    return findFileStreams(this.stores[0], files, settings, again, this.sequences);
  }
}

type BatchingSinkRefusal = ConstructorParameters<typeof BatchingSink>[0]['onRefused'];
