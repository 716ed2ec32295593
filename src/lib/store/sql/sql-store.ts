/**
 * The driver that all databases share: connect, find or make the tables, then rows and streams in one transaction.
 * Where a step is refused its rows are tried again in halves until the bad one is alone. What differs is a Session.
 */
import {
  Counters,
  UnreachableError,
  UsageError,
  type RefusedRow,
  type StoreBatch,
  type StreamState,
  type TableRows,
  type WriteOutcome,
} from '../../base/index.js';
import { tableDefinition } from './definitions.js';
import { bareName } from './dialect.js';
import { migrate } from './migrate.js';
import { ensurePartitions } from './partitions.js';
import type { Session } from './session.js';
import { shapeOf, type PartitionBy, type TableShape } from './shape-of.js';
import type { Store, StoreOptions } from '../store.js';
import { moveStreams, storedStreams } from './streams.js';
import { TableCache } from './table-cache.js';
import type { Target } from './target.js';
import type { DatabaseUrl } from '../url.js';

export class SqlStore implements Store {
  readonly adjusted = new Counters();
  private session: Session | null = null;
  /** What was refused of the batch whose COMMIT was sent last: if its answer was lost, nobody was told yet. */
  private committing: { batch: StoreBatch; refused: RefusedRow[] } | null = null;
  private readonly targets: TableCache;

  constructor(
    private readonly url: DatabaseUrl,
    private readonly connect: () => Promise<Session>,
    private readonly options: StoreOptions,
  ) {
    this.targets = new TableCache(options);
  }

  async open(): Promise<void> {
    try {
      await this.connected();
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UnreachableError(`cannot open the database ${this.url.shown}: ${reasonOf(error)}`);
    }
  }

  async write(batch: StoreBatch): Promise<WriteOutcome> {
    let session: Session | null = null;
    try {
      session = await this.connected();
      const ready = session;
      return await this.watched(ready, () => this.writeTo(ready, batch));
    } catch (error) {
      // Whatever was known of the tables may be the very mistake.
      this.targets.clear();
      await this.undo(session);
      return { outcome: 'unavailable', reason: reasonOf(error) };
    }
  }

  async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    this.targets.clear();
    await session?.close();
  }

  async streams(prefix: string): Promise<StreamState[]> {
    return storedStreams(await this.connected(), prefix);
  }

  async timeType(table: string): Promise<string | null> {
    const session = await this.connected();
    const name = (this.options.renames.date ?? 'date').toLowerCase();
    return (await session.columns(await session.tableNamed(table))).find((column) => column.name.toLowerCase() === name)?.type ?? null;
  }

  async hasTable(table: string): Promise<boolean> {
    const session = await this.connected();
    return (await session.columns(await session.tableNamed(table))).length > 0;
  }

  async makeTable(shape: TableShape, table: string, partition: PartitionBy = this.options.partition): Promise<void> {
    await makeTable(await this.connected(), shape, table, partition);
  }

  /** The open connection, for what stands beside the driver: inventory and retention. */
  async connected(): Promise<Session> {
    if (this.session !== null && !(await this.session.alive())) await this.drop();
    if (this.session === null) {
      const session = await this.connect();
      try {
        await this.watched(session, async () => {
          await session.start();
          await migrate(session);
        });
      } catch (error) {
        await session.close().catch(() => {});
        throw error;
      }
      this.session = session;
    }
    return this.session;
  }

  private async writeTo(session: Session, batch: StoreBatch): Promise<WriteOutcome> {
    const targets: Target[] = [];
    for (const rows of batch.rows) targets.push(await this.target(session, rows));
    await session.execute(session.dialect.begin);
    const verdict = await moveStreams(session, batch.streams);
    if (verdict !== 'moved') {
      await session.execute('ROLLBACK');
      if (verdict === 'known' && this.committing?.batch === batch) return { outcome: 'stored', refused: this.committing.refused };
      return { outcome: verdict };
    }
    const adjusted = new Counters();
    const refused: RefusedRow[] = [];
    for (const [i, rows] of batch.rows.entries()) await insertAll(session, targets[i], rows, refused, adjusted);
    this.committing = { batch, refused };
    await session.execute('COMMIT');
    this.committing = null;
    for (const [name, count] of adjusted.entries()) this.adjusted.add(name, count);
    return { outcome: 'stored', refused };
  }

  /** Ends the connection under work that gets no answer, so that the work fails instead of hanging. */
  private async watched<T>(session: Session, work: () => Promise<T>): Promise<T> {
    const watch = setTimeout(() => session.abort(), this.options.answerMs);
    try {
      return await work();
    } finally {
      clearTimeout(watch);
    }
  }

  /** The table of these rows, made where it is missing, with its partitions. */
  private async target(session: Session, rows: TableRows): Promise<Target> {
    let target = await this.targets.find(session, rows);
    if (target === null) {
      await makeTable(session, shapeOf(rows.columns), rows.table, this.options.partition);
      target = await this.targets.find(session, rows);
      if (target === null) throw new Error(`the table ${rows.table} was made and is not there`);
    }
    if (target.partition !== 'none') await ensurePartitions(session, target, rows, this.options);
    return target;
  }

  private async undo(session: Session | null): Promise<void> {
    try {
      if (session === null || !(await session.alive())) await this.drop();
      else await session.execute('ROLLBACK');
    } catch {
      // No transaction open, or no connection left: with a new one both are right.
      await this.drop();
    }
  }

  private async drop(): Promise<void> {
    const { session } = this;
    this.session = null;
    this.targets.clear();
    await session?.close().catch(() => {});
  }
}

async function insertAll(session: Session, target: Target, rows: TableRows, refused: RefusedRow[], adjusted: Counters): Promise<void> {
  // One after the other: what follows a fatal error (SQLite may have rolled back by itself) must not run.
  for (let from = 0; from < rows.count;) {
    const to = session.stepEnd(target, rows, from);
    await insertHalving(session, target, rows, from, to, refused, adjusted);
    from = to;
  }
}

async function insertHalving(
  session: Session,
  target: Target,
  rows: TableRows,
  from: number,
  to: number,
  refused: RefusedRow[],
  adjusted: Counters,
): Promise<void> {
  try {
    await session.insert(target, rows, from, to, adjusted);
  } catch (error) {
    if (!session.isRowFault(error)) throw error;
    if (to - from === 1) {
      refused.push({ table: rows.table, row: from, reason: reasonOf(error) });
      return;
    }
    const middle = (from + to) >> 1;
    await insertHalving(session, target, rows, from, middle, refused, adjusted);
    await insertHalving(session, target, rows, middle, to, refused, adjusted);
  }
}

async function makeTable(session: Session, shape: TableShape, table: string, partition: PartitionBy): Promise<void> {
  const { dialect } = session;
  if (partition !== 'none' && !dialect.partitions)
    throw new UsageError('SQLite has no partitions: dated tables (a suffix like %Y%m%d) do the same');
  const name = await session.tableNamed(table);
  if ((await session.columns(name)).length > 0) return;
  if (dialect.longestName > 0 && bareName(dialect, name).length > dialect.longestName)
    throw new UsageError(`the table name ${table} is longer than ${dialect.longestName} characters`);
  await session.execute(dialect.begin);
  try {
    await session.run('DELETE FROM sipcap_table WHERE name = ?', [name]);
    await session.run('INSERT INTO sipcap_table (name, shape, partition_by, made) VALUES (?, ?, ?, CURRENT_TIMESTAMP)', [
      name,
      shape,
      partition,
    ]);
    await session.execute(await tableDefinition(dialect.kind, shape, name, partition));
    await session.execute('COMMIT');
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {});
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message !== undefined && message !== '' ? message : String(code ?? error);
}
