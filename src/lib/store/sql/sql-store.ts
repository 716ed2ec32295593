/**
 * The driver that all databases share: connect, find or create the tables, then rows and streams in one transaction.
 * What differs between databases is a Session and its Dialect.
 */
import {
  Counters,
  UnreachableError,
  UsageError,
  type PresentRows,
  type RefusedRow,
  type StoreBatch,
  type StreamState,
  type TableRows,
  type WriteOutcome,
} from '../../base/index.js';
import type { DatabaseUrl } from '../database-url.js';
import type { Store, StoreOptions } from '../store.js';
import { withDeadline } from '../with-deadline.js';
import { reasonOf, TableChanged } from './faults.js';
import { openError } from './open-error.js';
import { Isolation } from './isolation.js';
import { RowsComparison } from './compare-rows.js';
import { makeTable } from './make-table.js';
import { prepareOwnTables } from './own-tables.js';
import { ensurePartitions } from './partitions.js';
import { OtherTableProbe } from './probe.js';
import { ensureSteps } from './step-partitions.js';
import type { Session } from './session.js';
import { shapeOf, type PartitionBy, type TableShape } from './shape-of.js';
import { advanceStream, forgetStreams, moveStreams, storedStreams } from './streams.js';
import { TableCache } from './table-cache.js';
import type { Target } from './target.js';
import { RowWriter } from './write-rows.js';

/** After this many consecutive failures a new connection is made: it may lead to another server. */
const RECONNECT_AFTER = 3;

export class SqlStore implements Store {
  readonly adjusted = new Counters();
  private session: Session | null = null;
  private connecting: Promise<Session> | null = null;
  /** How often it was closed: a connection that is being made meanwhile is not used. */
  private closings = 0;
  /** What was refused of the batch whose COMMIT was sent last: if its response was lost, this was not reported yet. */
  private committing: { batch: StoreBatch; refused: RefusedRow[]; present: PresentRows } | null = null;
  private readonly targets: TableCache;
  private readonly isolation: Isolation;
  private readonly passesTables: boolean;
  private readonly probe: OtherTableProbe | null;
  private readonly comparison = new RowsComparison();
  private failures = 0;
  /** A row was stored: its tables are right. */
  private hasStored = false;
  /** Tables that were there once. */
  private readonly known = new Set<string>();
  private warnedOfVersion = false;
  /** Tables that get no partitions because the right to create them is missing, which was reported. */
  private readonly withoutPartitions = new Set<string>();

  constructor(
    readonly url: DatabaseUrl,
    private readonly connect: () => Promise<Session>,
    private readonly options: StoreOptions,
  ) {
    this.targets = new TableCache(options);
    this.isolation = new Isolation(options.clock, options.isolateAfterMs);
    this.passesTables = options.passesTables ?? options.live;
    this.probe = this.passesTables ? new OtherTableProbe(options.clock) : null;
  }

  async open(): Promise<void> {
    try {
      await this.connected();
    } catch (error) {
      if (error instanceof UsageError || error instanceof UnreachableError) throw error;
      throw openError(error, this.url.shown);
    }
  }

  async write(batch: StoreBatch): Promise<WriteOutcome> {
    for (let attempt = 1; ; attempt++) {
      let session: Session | null = null;
      try {
        session = await this.connected();
        const ready = session;
        const outcome = await withDeadline(ready, this.options.answerMs, () => this.writeTo(ready, batch));
        this.failures = 0;
        this.isolation.stored(batch);
        return outcome;
      } catch (error) {
        if ((await this.recover(session, batch, error)) && attempt === 1) continue;
        return { outcome: 'unavailable', reason: reasonOf(error) };
      }
    }
  }

  async close(): Promise<void> {
    const { session } = this;
    this.closings++;
    this.session = null;
    this.targets.clear();
    await session?.close();
    if (session?.gone) this.options.log.warn(session.gone);
  }

  streams(prefix: string, part?: string): Promise<StreamState[]> {
    return this.asked((session) => storedStreams(session, prefix, part));
  }

  advance(state: StreamState): Promise<void> {
    return this.asked((session) => session.storePositions?.([state]) ?? advanceStream(session, state));
  }

  forget(prefix: string): Promise<void> {
    return this.asked((session) => forgetStreams(session, prefix));
  }

  timeType(table: string): Promise<string | null> {
    const name = (this.options.renames.date ?? 'date').toLowerCase();
    return this.asked(async (session) => {
      const columns = await session.columns(await session.tableNamed(table));
      return columns.find((column) => column.name.toLowerCase() === name)?.type ?? null;
    });
  }

  hasTable(table: string): Promise<boolean> {
    return this.asked(async (session) => (await session.columns(await session.tableNamed(table))).length > 0);
  }

  async makeTable(shape: TableShape, table: string, partition: PartitionBy = this.options.partition): Promise<void> {
    await makeTable(await this.connected(), shape, table, partition);
  }

  /** The open connection, for more than writing: inventory and retention. One attempt at a time, which all callers share. */
  connected(): Promise<Session> {
    this.connecting ??= this.reconnected().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async reconnected(): Promise<Session> {
    const { closings } = this;
    if (this.session !== null && !(await this.session.alive())) await this.drop();
    if (this.session?.gone) throw new Error(`${this.session.gone}, once other programs have ended their transactions on the one moved`);
    if (this.session === null) {
      const session = await this.connect();
      try {
        if (this.options.access === 'create')
          await withDeadline(session, this.options.answerMs, () => prepareOwnTables(session, this.versionLog));
        if (this.closings !== closings) throw new Error('closed while connecting');
      } catch (error) {
        await session.close().catch(() => {});
        throw error;
      }
      this.session = session;
    }
    return this.session;
  }

  /** For queries besides the batches an error is the server's: the caller may retry later. */
  private async asked<T>(question: (session: Session) => Promise<T>): Promise<T> {
    await this.open();
    const session = await this.connected();
    try {
      return await withDeadline(session, this.options.answerMs, () => question(session));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UnreachableError(`database ${this.url.shown}: ${reasonOf(error)}`);
    }
  }

  private async writeTo(session: Session, batch: StoreBatch): Promise<WriteOutcome> {
    const adjusted = new Counters();
    const { refusing } = this.options;
    const isolating = this.isolation.wanted(batch);
    const writer = new RowWriter(session, this.targets, { refusing, isolating, probe: this.probe }, adjusted);
    // Tables first: creating one ends a transaction in some databases.
    const targets: (Target | null)[] = [];
    for (const rows of batch.rows) targets.push(await writer.target(rows, () => this.target(session, rows)));
    await session.execute(session.dialect.begin);
    const byIdentity = session.storePositions !== undefined;
    const verdict = byIdentity ? 'moved' : await moveStreams(session, batch.streams);
    if (verdict !== 'moved') {
      await session.execute('ROLLBACK');
      if (verdict === 'known' && this.committing?.batch === batch) {
        this.comparison.stored();
        return storedOutcome(this.committing.refused, this.committing.present);
      }
      return { outcome: verdict };
    }
    const { refused } = writer;
    this.comparison.begin();
    for (const [i, rows] of batch.rows.entries()) {
      const target = targets[i];
      if (target === null) continue;
      const absent = byIdentity ? { rows, places: [] } : await this.comparison.absentRows(session, target, rows);
      const before = refused.length;
      await writer.insertAll(target, absent.rows);
      // Refused rows are named by their place in the batch.
      if (absent.rows !== rows) for (const each of refused.slice(before)) each.row = absent.places[each.row];
    }
    const { present } = this.comparison;
    const rows = batch.rows.reduce((sum, { count }) => sum + count, 0) - present.rows;
    // The operator must correct a wrong table before an import begins; a live source continues.
    if (!this.passesTables && !this.hasStored && rows > 0 && writer.unattributed === rows) throw new Error(refused[0].reason);
    batch.beforeCommit?.(refused);
    this.committing = { batch, refused, present };
    await session.storePositions?.(batch.streams);
    await session.execute('COMMIT');
    this.committing = null;
    this.comparison.stored();
    this.hasStored ||= refused.length < rows;
    for (const [name, count] of adjusted.entries()) this.adjusted.add(name, count);
    return storedOutcome(refused, present);
  }

  /** Rolls back, and classifies the error; true if the batch may be retried at once. */
  private async recover(session: Session | null, batch: StoreBatch, error: unknown): Promise<boolean> {
    // Cached knowledge of the tables may be the cause.
    this.targets.clear();
    const fault = session === null ? 'server' : session.faultOf(error);
    const works = await this.undo(session);
    if (error instanceof TableChanged) return true;
    this.failures++;
    if (works && fault !== 'server') this.isolation.failed(batch);
    // Our tables may be missing too (a recreated database): a new connection finds or creates them.
    if (fault === 'schema' || this.failures % RECONNECT_AFTER === 0) await this.drop();
    return fault === 'schema';
  }

  /** The table of these rows, created if missing, with its partitions. */
  private async target(session: Session, rows: TableRows): Promise<Target> {
    let target = await this.targets.find(session, rows);
    if (target === null) {
      if (this.known.has(rows.table)) this.options.log.warn(`table ${rows.table} is no longer there: making it again`);
      await makeTable(session, shapeOf(rows.columns, this.options.shape), rows.table, this.options.partition);
      target = await this.targets.find(session, rows);
      if (target === null) throw new Error(`table ${rows.table} was created and cannot be found`);
    }
    this.known.add(rows.table);
    if (target.partition === 'steps') await ensureSteps(session, target, rows, this.options.log, this.withoutPartitions);
    else if (target.partition !== 'none') await ensurePartitions(session, target, rows, this.options);
    return target;
  }

  /** True if the connection still works. */
  private async undo(session: Session | null): Promise<boolean> {
    try {
      if (session !== null && (await session.alive())) {
        await withDeadline(session, this.options.answerMs, () => rollBack(session));
        return true;
      }
    } catch {
      // With a new connection there is nothing left to undo.
    }
    await this.drop();
    return false;
  }

  private async drop(): Promise<void> {
    const { session } = this;
    this.targets.clear();
    if ((await session?.left?.()) === false) return;
    this.session = null;
    if (session?.gone) {
      this.options.log.warn(session.gone);
      this.known.clear();
    }
    await session?.close().catch(() => {});
  }

  private get versionLog() {
    const { log } = this.options;
    const warn = (text: string) => {
      if (!this.warnedOfVersion) log.warn(text);
      this.warnedOfVersion = true;
    };
    return { ...log, warn };
  }
}

async function rollBack(session: Session): Promise<void> {
  await session.execute('ROLLBACK').catch(async (error: Error) => {
    // SQLite has none open if an error ended it.
    if (!/no transaction is active/.test(error.message)) throw error;
    await session.all('SELECT 1 AS one', []);
  });
}

function storedOutcome(refused: RefusedRow[], present: PresentRows): WriteOutcome {
  return { outcome: 'stored', refused, ...(present.rows > 0 ? { present } : {}) };
}
