/**
 * What the database does not take in time goes into a durable spool, and from there into the database in order when
 * it is back, before newer rows. Batches keep their streams and sequence numbers, so that each is stored exactly once
 * however often it is tried, by this process or the next.
 *
 * Books, in rows: before + kept = written + refused + waiting + lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Counters,
  type ColumnValue,
  type Log,
  type RefusedRow,
  type StoreBatch,
  type StoreDriver,
  type StreamState,
  type WriteOutcome,
} from '../../base/index.js';
import { MAX_RECORD_PAYLOAD } from '../../format/spool/index.js';
import type { SpoolLog } from '../spool/index.js';
import { BatchReader, RECORD_ROWS, batchBytes, rowsOf } from './batch-record.js';

/** A driver that tells how far a stream is. */
export interface StreamStore extends StoreDriver {
  streams(prefix: string): Promise<StreamState[]>;
}

export interface BatchSpoolOptions {
  spool: SpoolLog;
  /** Writes what was kept; also one of the direct writers: the two never write at the same time. */
  store: StreamStore;
  log: Log;
  /** Milliseconds that a batch may be under way before it is kept. */
  patienceMs: number;
  onRefused(row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]): void;
}

/** Records of another kind, which become batches when they are read. */
export interface RawRecords {
  /** Their type. */
  type: number;
  /** Null where no version of ours wrote the record. Its rows count as delivered from then on. */
  read(record: Buffer): StoreBatch | null;
  /** Makes a record of what waits to become one; true where there was anything. */
  flush(): boolean;
  /** True while rows wait that came before the first of these records. */
  rowsBefore(): boolean;
}

/** Pauses while rows that came before raw records are written. */
const DIRECT_MS = 10;
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;
/** A closing sink empties the spool for so long at most. */
const CLOSING_MS = 3000;

export class BatchSpool {
  written = 0;
  refused = 0;
  /** Rows taken over from an earlier process, as far as they were read. */
  before = 0;
  /** Rows of this process's, and records that no version of ours wrote. */
  readonly lost = new Counters();
  lostRows = 0;
  /** Rows of records of ours that were not read yet. */
  private readonly keptRows = new Map<number, number>();
  private readonly reader = new BatchReader();
  /** Packets of raw records of ours that were not read yet; packets of such that the spool gave up. */
  private readonly keptRaw = new Map<number, number>();
  rawLost = 0;
  /** Rows that came out of raw records. */
  unpacked = 0;
  private raw: RawRecords | null = null;
  /** True while batches go to the spool; raw records alone leave those before them their way. */
  private diverting = false;
  /** Rows of the record in hand. */
  private inHand = 0;
  private inFlight = 0;
  private replaying: Promise<void> | null = null;
  /** When replaying ends before the spool is empty. */
  private ending: 'never' | 'when refused' | 'now' = 'never';
  private failures = 0;
  private idle: (() => void)[] = [];

  constructor(private readonly options: BatchSpoolOptions) {}

  /** Begins with what waits from an earlier process. */
  start(raw: RawRecords | null): void {
    this.raw = raw;
    const { unread } = this.options.spool;
    if (unread === 0) return;
    this.options.log.info(`batches that wait in the spool: ${unread}; they are stored first`);
    this.replay(true);
  }

  /** True while anything waits: what comes now must wait behind it. */
  get busy(): boolean {
    return this.replaying !== null;
  }

  /** Packets that wait undecoded. */
  get rawWaiting(): number {
    let packets = 0;
    for (const count of this.keptRaw.values()) packets += count;
    return packets;
  }

  /** Takes a raw record; false where the spool refuses it. */
  keepRaw(record: Buffer, packets: number): boolean {
    const { spool } = this.options;
    const number = spool.status().nextRecord;
    if (record.length > MAX_RECORD_PAYLOAD || !spool.append(record, this.raw!.type)) return false;
    this.keptRaw.set(number, packets);
    if (this.replaying === null) this.replay(false);
    return true;
  }

  /** The same driver, with the spool behind it. */
  behind(driver: StoreDriver): StoreDriver {
    return {
      open: () => driver.open(),
      write: (batch) => this.write(driver, batch),
      close: () => driver.close(),
    };
  }

  /** Batches that wait. */
  get backlog(): number {
    return this.options.spool.unread + (this.inHand > 0 ? 1 : 0);
  }

  /** Rows of this process that wait, and what of an earlier one is in hand. */
  get waiting(): number {
    let rows = this.inHand;
    for (const count of this.keptRows.values()) rows += count;
    return rows;
  }

  /** Stores all that waits; resolves when that is done, or the database refused, or `stop` was called. */
  async drain(): Promise<void> {
    this.ending = 'when refused';
    await this.replaying;
  }

  /** What is not under way stays in the spool. */
  stop(): void {
    this.ending = 'now';
    for (const wake of this.idle.splice(0)) wake();
  }

  /** Stores what it can, for a few seconds; the rest stays in the spool. */
  async close(): Promise<void> {
    const draining = this.drain();
    for (const wake of this.idle.splice(0)) wake();
    await Promise.race([draining, sleep(CLOSING_MS, undefined, { ref: false })]);
    this.stop();
    if (this.backlog > 0) this.options.log.warn(`batches of rows that wait in the spool: ${this.backlog}`);
  }

  /** Ends; called after `close` and after the drivers were closed. */
  async end(): Promise<void> {
    await this.replaying;
    await this.options.spool.close();
  }

  private async write(driver: StoreDriver, batch: StoreBatch): Promise<WriteOutcome> {
    if (this.diverting) return this.keep(batch, false);
    this.inFlight++;
    const writing = driver.write(batch).finally(() => {
      this.inFlight--;
      if (this.inFlight === 0) for (const wake of this.idle.splice(0)) wake();
    });
    const outcome = await Promise.race([writing, sleep(this.options.patienceMs, null, { ref: false })]);
    if (outcome !== null && outcome.outcome !== 'unavailable') return outcome;
    const kept = this.keep(batch, true);
    if (kept.outcome === 'spooled') {
      if (outcome !== null) this.options.log.warn(`the database does not take rows: ${outcome.reason}; they go to the spool`);
      writing.catch(() => {});
      return kept;
    }
    return outcome ?? writing;
  }

  /** Takes the batch into the spool; where that fails it is the caller's still. */
  private keep(batch: StoreBatch, replay: boolean): WriteOutcome {
    const bytes = batchBytes(batch);
    const { spool } = this.options;
    const number = spool.status().nextRecord;
    if (bytes.length > MAX_RECORD_PAYLOAD) return { outcome: 'unavailable', reason: 'the batch is too large for the spool' };
    if (!spool.append(bytes, RECORD_ROWS))
      return { outcome: 'unavailable', reason: `the spool cannot be written either (${spool.refusal})` };
    const rows = rowsOf(batch);
    this.keptRows.set(number, rows);
    if (replay) this.diverting = true;
    if (replay && this.replaying === null) this.replay(true);
    return { outcome: 'spooled' };
  }

  private replay(diverting: boolean): void {
    this.failures = 0;
    this.diverting = diverting;
    const replaying = this.replayAll().finally(() => {
      if (this.replaying === replaying) this.direct();
    });
    this.replaying = replaying;
  }

  /** Nothing waits any more: batches go to the database again. */
  private direct(): void {
    this.replaying = null;
    this.diverting = false;
  }

  private async replayAll(): Promise<void> {
    // Not before the promise of this very call is known.
    await Promise.resolve();
    const { spool } = this.options;
    while (!this.diverting && this.raw?.rowsBefore() === true) await sleep(DIRECT_MS, undefined, { ref: false });
    while (this.inFlight > 0) await this.woken();
    const began = this.backlog;
    for (;;) {
      if (this.ending === 'now') return;
      const record = spool.read();
      if (record === null) {
        if (this.raw?.flush() === true) continue;
        if (spool.unread === 0 || this.ending !== 'never') {
          // At once: what came between this look and the end of the promise would wait for nobody.
          this.direct();
          break;
        }
        await sleep(RETRY_MS, undefined, { ref: false });
        continue;
      }
      this.account(record.number);
      const isRaw = record.type === this.raw?.type;
      const batch = isRaw ? this.raw!.read(record.payload) : record.type === RECORD_ROWS ? this.reader.read(record.payload) : null;
      if (batch === null) {
        this.lost.add('spool_record_unknown', Math.max(this.inHand, 1));
        this.lostRows += this.inHand;
        this.inHand = 0;
        spool.acknowledge(record.number);
        continue;
      }
      const rows = rowsOf(batch);
      if (this.inHand === 0) {
        if (isRaw) this.unpacked += rows;
        else this.before += rows;
        this.inHand = rows;
      }
      if (!(await this.store(batch, rows))) {
        // It is read again by the next process, or by the next try of this one.
        return;
      }
      this.inHand = 0;
      spool.acknowledge(record.number);
    }
    this.account(Infinity);
    if (began > 0 && this.ending === 'never') this.options.log.info('the spool is empty: rows go to the database again');
  }

  /** What stood before this record and was not read is gone: the spool gave it up. */
  private account(number: number): void {
    this.inHand = this.keptRows.get(number) ?? 0;
    this.keptRows.delete(number);
    this.keptRaw.delete(number);
    for (const [kept, packets] of this.keptRaw) {
      if (kept > number) break;
      this.keptRaw.delete(kept);
      this.rawLost += packets;
    }
    for (const [kept, rows] of this.keptRows) {
      if (kept > number) return;
      this.keptRows.delete(kept);
      this.lost.add('spool_evicted', rows);
      this.lostRows += rows;
    }
  }

  /** Tries until the database takes the batch; false where closing ends that. */
  private async store(batch: StoreBatch, rows: number): Promise<boolean> {
    for (;;) {
      const outcome = await this.options.store.write(batch);
      switch (outcome.outcome) {
        case 'stored':
          if (this.failures > 0) this.options.log.info('the database is back');
          this.failures = 0;
          this.refused += outcome.refused.length;
          this.written += rows - outcome.refused.length;
          for (const row of outcome.refused) this.tell(batch, row);
          return true;
        case 'known':
          this.written += rows;
          return true;
        case 'conflict':
          if (await this.passGap(batch)) break;
          this.written += rows;
          return true;
        default: {
          if (this.ending !== 'never') return false;
          const { outcome: what } = outcome;
          if (this.failures++ === 0)
            this.options.log.warn(
              `the database does not take rows from the spool: ${what === 'unavailable' ? outcome.reason : what}; they wait`,
            );
          const pause = sleep(
            Math.min(RETRY_MS * 2 ** Math.min(this.failures - 1, 8), LONGEST_RETRY_MS) * (0.5 + Math.random() / 2),
            undefined,
            { ref: false },
          );
          await Promise.race([pause, this.woken()]);
        }
      }
    }
  }

  /** Batches before this one were given up: moves its streams up to it. False where it was stored already. */
  private async passGap({ streams }: StoreBatch): Promise<boolean> {
    for (const { stream, sequence, position } of streams) {
      let stored = (await this.options.store.streams(stream)).find((state) => state.stream === stream)?.sequence ?? 0;
      if (stored >= sequence) return false;
      while (stored < sequence - 1) {
        stored++;
        const outcome = await this.options.store.write({ rows: [], streams: [{ stream, sequence: stored, position }] });
        if (outcome.outcome !== 'stored' && outcome.outcome !== 'known') return true;
      }
    }
    return true;
  }

  private tell(batch: StoreBatch, row: RefusedRow): void {
    const rows = batch.rows.find(({ table }) => table === row.table)!;
    const width = rows.columns.length;
    this.options.onRefused(row, rows.columns, rows.values.slice(row.row * width, (row.row + 1) * width));
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => this.idle.push(resolve));
  }
}
