/** The database output of a run: drivers, batches, concurrent writers, spool, quarantine, and stored positions of capture files. */
import { UnreachableError, UsageError, withoutEchoes, type Sink, Ledger } from '../../base/index.js';
import type { CaptureFiles } from '../../capture/file/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import type { BatchSpool, SpoolLegacy } from '../../sink/batch-spool/index.js';
import type { RepeatWindow } from '../../hep/index.js';
import { ShardedSink, type ShardSink } from '../../sink/batch/sharded-sink.js';
import { TableName, engineOf, parseDatabaseUrl, refusePartitions, type RefusingTable, type RefusingTables } from '../../store/index.js';
import { UndecodedAdmission } from './undecoded-admission.js';
import { RECORD_ARRIVALS } from './undecoded-record.js';
import { ArrivalReader } from './undecoded-replay.js';
import { ArrivalSpool } from './undecoded-spool.js';
import { findFileStreams } from './file-streams.js';
import type { FilePosition, FileProgress } from './position-tracker.js';
import { Quarantine, checkQuarantine } from './quarantine.js';
import { MessageRows } from './message-rows.js';
import { chosenShape, preparedShape, warnUnknownShape } from './chosen-shape.js';
import { openSoon } from './open-soon.js';
import { refuseZonedDate } from './refuse-zoned-date.js';
import { streamsOfAll } from './sharded-streams.js';
import { DatabaseLane } from './database-lane.js';
import type { DatabaseOptions } from './database-options.js';
import { loadStores, type ShardStores } from './database-stores.js';
import type { Repeats } from '../repeats.js';

/** Attempts of a drain to store a batch: enough to find the rows that the database never takes, and set them aside. */
const DRAIN_ATTEMPTS = 6;

/** How many messages wait, and where. */
export interface QueueDepth {
  memory: number;
  spool: number;
}

export class Database {
  readonly rows: MessageRows;
  readonly lanes: readonly DatabaseLane[];
  private output: ShardSink | null = null;
  private arrivals: ArrivalSpool | null = null;
  private reader: ArrivalReader | null = null;
  private readonly admission: UndecodedAdmission;
  readonly quarantine: Quarantine;

  /** Takes packets that the spool refused: they wait decoded, in memory. */
  decodeNow: (arrival: HepArrival) => void = () => {};

  repeats: Repeats | null = null;

  /** Called for each batch written to the database, with the time it took and the outcome. */
  onBatch: (seconds: number, outcome: string) => void = () => {};

  private constructor(
    shards: readonly ShardStores[],
    private readonly refusing: RefusingTables,
    private readonly options: DatabaseOptions,
  ) {
    this.quarantine = new Quarantine(options.sinks.quarantine, options.env.log, options.live);
    const { isIdentified = false } = engineOf(parseDatabaseUrl(options.sinks.db!).kind);
    this.rows = new MessageRows(options.sinks, options.env.clock, options.live || options.drains === true, isIdentified);
    this.rows.onTableIgnored = (table) =>
      options.env.log.warn(`table ${table} of the script is ignored: the tables of Homer 7 have fixed names`);
    this.lanes = shards.map(
      ({ name, stores }) =>
        new DatabaseLane(name, stores, {
          database: options,
          rows: this.rows,
          onRefused: this.quarantine.add,
          onBatch: (seconds, outcome) => this.onBatch(seconds, outcome),
          lanes: shards.length,
        }),
    );
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
    refusePartitions(url.kind, sinks.partition);
    checkQuarantine(sinks.quarantine, env.log, live);
    const { shards, refusing } = await loadStores(options);
    const database = new Database(shards, refusing, options);
    try {
      if (live) await openSoon(database.openStores(), url.shown, env.log);
      else if (options.drains !== true) await database.openStores();
    } catch (error) {
      if (!live || !(error instanceof UnreachableError)) {
        for (const { stores } of database.lanes) for (const store of stores) await store.close();
        throw error;
      }
      env.log.warn(`${error.message}; retrying`);
      warnUnknownShape(sinks, url, env.log);
    }
    if (options.repeats) await openSoon(database.restore(options.repeats), url.shown, env.log);
    if ((live || options.drains === true) && sinks.hep.spool !== '')
      for (const [at, lane] of database.lanes.entries()) await lane.openSpool(sinks.hep, at === 0);
    if (legacy !== null) database.inherit(legacy);
    return database;
  }

  private async restore(repeats: RepeatWindow): Promise<true> {
    for (const [at, lane] of this.lanes.entries()) await lane.restore(repeats, at === 0);
    return true;
  }

  private async openStores(): Promise<true> {
    const { sinks, env } = this.options;
    await Promise.all(this.lanes.map((lane) => lane.openStores()));
    const url = parseDatabaseUrl(sinks.db!);
    const { zonedTime } = engineOf(url.kind);
    const [store] = this.lanes[0].stores;
    this.rows.useShape(await preparedShape(sinks, url, store));
    if (sinks.localDate) await refuseZonedDate(store, new TableName(sinks.table).at(env.clock.now()), zonedTime);
    return true;
  }

  /** Opens the database and stores the backlog; resolves when it is empty, when the database refuses, or after `stopDraining`. */
  async drain(): Promise<void> {
    await this.openStores();
    await Promise.all(
      this.lanes.map(async ({ spool }) => {
        if (spool!.state === 'stopped') return;
        this.startSpool(spool!);
        await spool!.drain(DRAIN_ATTEMPTS);
      }),
    );
  }

  stopDraining(): void {
    for (const { spool } of this.lanes) spool?.stop();
  }

  /** Batches that wait in the spool. */
  get batchesLeft(): number {
    return this.lanes.reduce((sum, { batchesLeft }) => sum + batchesLeft, 0);
  }

  /** The sink; `files`: where the run is in them. */
  sink(files?: FileProgress): Sink {
    const { lanes } = this;
    if (files !== undefined && lanes.some(({ stores }) => stores.length > 1)) throw new Error('positions move in order: one writer only');
    const log = withoutEchoes(this.options.env.log, this.options.env.clock);
    const sinks = lanes.map((lane) => ({ name: lane.name, sink: lane.sink(lanes.length > 1 ? files?.apart() : files, log) }));
    this.output = sinks.length === 1 ? sinks[0].sink : new ShardedSink(sinks, (message) => this.rows.callOf(message), !this.options.live);
    if (this.options.drains !== true) for (const { spool } of lanes) if (spool !== null) this.startSpool(spool);
    return this.output;
  }

  /**
   * Takes a packet undecoded while the database is behind: then it waits in the spool at less cost. False if it is
   * to be decoded now; so is what is not HEP or lacks the key, which must not fill the spool, and what the spool refuses
   * because its disk does. Only for runs in which this is the only sink.
   */
  takeUndecoded(arrival: HepArrival): boolean {
    const [lane] = this.lanes;
    const { arrivals } = this;
    if (lane.spool === null || arrivals === null || (!lane.spool.busy && arrivals.waiting === 0 && !lane.isBehind)) return false;
    if (lane.disk?.refusal !== '' || !this.admission.admits(arrival)) return false;
    if (this.repeats?.isRepeatedPacket(arrival) === true) {
      this.repeats.account(arrival.to - arrival.from);
      return true;
    }
    arrivals.take(arrival, this.repeats?.wasIdentified);
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
    return this.lanes[0].spool !== null;
  }

  /** Neither the database nor the disk of its spool takes what is in memory: closed now, that would be lost. */
  get isStranded(): boolean {
    return this.lanes.some(({ spool, direct }) => spool !== null && (spool.strandedBatches > 0 || direct?.isRefused === true));
  }

  /** Rows and undecoded packets in memory and in the spool. */
  get depth(): QueueDepth {
    const depth = { memory: this.arrivals?.waiting ?? 0, spool: 0 };
    for (const { direct, spool } of this.lanes) {
      depth.memory += direct?.waiting ?? 0;
      depth.spool += (spool?.waiting ?? 0) + (spool?.accounts.heldPackets ?? 0);
    }
    return depth;
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
    return this.lanes.reduce((sum, { spool }) => sum + (spool?.accounts.heldPackets ?? 0), this.arrivals?.waiting ?? 0);
  }

  /** What it left in its spool after close; null without a spool. */
  get legacy(): SpoolLegacy | null {
    const parts = this.lanes.flatMap(({ spool }) => (spool === null ? [] : [spool.legacy]));
    if (parts.length < 2) return parts[0] ?? null;
    const sum = (what: 'rows' | 'packets') => parts.reduce((total, part) => total + part[what], 0);
    return { rows: sum('rows'), packets: sum('packets'), records: [], parts };
  }

  private inherit(legacy: SpoolLegacy): void {
    const { parts = [legacy] } = legacy;
    for (const [at, lane] of this.lanes.entries()) if (parts[at] !== undefined) lane.inherit(parts[at]);
  }

  /** Adds to the ledger the values that were changed to fit their columns. */
  note(ledger: Ledger): void {
    for (const [column, count] of this.rows.cuts.entries()) ledger.notes.add(column, count);
    for (const { stores } of this.lanes)
      for (const store of stores) for (const [what, count] of store.adjusted.entries()) ledger.notes.add(what, count);
  }

  private startSpool(spool: BatchSpool): void {
    const { ledger, authKey, filter } = this.options;
    // Undecoded, a packet has no call, and thus no shard.
    if (this.lanes.length > 1) return spool.start(null);
    const readerFor = (counting: Ledger) => new ArrivalReader(this.rows, counting, authKey ?? '', filter ?? null);
    const [reader, repeating] = [readerFor(ledger), readerFor(new Ledger())];
    this.reader = reader;
    const arrivals = new ArrivalSpool(
      (record, packets) => spool.keepRaw(record, packets),
      (arrival) => this.decodeNow(arrival),
      this.options.env.clock.now(),
    );
    this.arrivals = arrivals;
    const [lane] = this.lanes;
    spool.start({
      type: RECORD_ARRIVALS,
      read: (record, again) => (again ? repeating : reader).read(record),
      flush: () => arrivals.flush(),
      rowsBefore: () => lane.direct!.waiting > 0,
    });
  }

  /** For each file its stream and, unless everything is to be stored again, the position to resume after. */
  async filePositions(files: CaptureFiles, settings: string, again: boolean): Promise<FilePosition[]> {
    const streams = streamsOfAll(this.lanes.map(({ stores }) => stores[0]));
    const sequences = new Map<string, number>();
    const positions = await findFileStreams(streams, files, settings, again, sequences);
    for (const lane of this.lanes) for (const [stream, sequence] of sequences) lane.sequences.set(stream, sequence);
    return positions;
  }
}
