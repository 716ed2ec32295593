/**
 * Batches rows and writes them in the background: one batch in flight, one filling, a bounded number waiting.
 * The driver only opens, writes and closes; retry, order and the counting of losses live here.
 */
import type {
  ColumnValue,
  Log,
  Message,
  RefusedRow,
  Sink,
  SinkCounts,
  StoreBatch,
  StoreDriver,
  StreamState,
  WriteOutcome,
} from '../../base/index.js';
import { BackOff } from './back-off.js';
import { BatchRows, type ClosedBatch, type RowMaker } from './batch-rows.js';

export type { RowMaker } from './batch-rows.js';

export interface BatchingOptions {
  name: string;
  driver: StoreDriver;
  rows: RowMaker;
  log: Log;
  /** Rows that close a batch. */
  batchRows: number;
  /** Payload bytes that close a batch. */
  batchBytes: number;
  /** Age in milliseconds that closes a batch, once nothing is in flight. */
  ageMs: number;
  /** Rows that may wait in memory; what comes beyond is lost (sources that can wait never go beyond). */
  maxRows: number;
  /** Payload bytes that may wait in memory, alike. */
  maxBytes?: number;
  /** Milliseconds after which an unavailable database is given up; Infinity never. */
  giveUpMs: number;
  /** The streams that moved since the last call, at the moment a batch is closed. */
  positions(): { stream: string; position: string }[];
  /** Sequence numbers of streams that the database knows already. */
  sequences: ReadonlyMap<string, number>;
  /** A row that the database refused, with its columns and values. */
  onRefused(row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]): void;
  /** Rows that were stored just now. */
  onStored?(rows: number): void;
}

/** Batches that may wait beside the one in flight before `accept` says full. */
const WAITING_BATCHES = 1;
const MAX_SPARE = 4;
const MAX_BYTES = 256 * 1024 * 1024;

export class BatchingSink implements Sink {
  readonly name: string;
  /** Arrays of settled batches, for the next ones. */
  private readonly spare: ColumnValue[][] = [];
  private open = new BatchRows(this.spare);
  /** The age of the open batch is up. */
  private overdue = false;
  /** Closed batches, the first of them in flight. */
  private readonly queue: ClosedBatch[] = [];
  private closedBatches = 0;
  private settledBatches = 0;
  private readonly sequences: Map<string, number>;
  private waitingRows = 0;
  private waitingBytes = 0;
  private delivered = 0;
  private written = 0;
  private refused = 0;
  private lost = 0;
  /** Rows that a spool took; they are in its counts. */
  spooled = 0;
  private readonly reasons: Record<string, number> = {};
  private writing = false;
  private backOff: BackOff | null = null;
  private timer: NodeJS.Timeout | null = null;
  private waiters: (() => void)[] = [];
  /** Why nothing can be written any more, '' while it can. */
  private dead = '';
  private closing = false;

  constructor(private readonly options: BatchingOptions) {
    this.name = options.name;
    this.sequences = new Map(options.sequences);
  }

  accept(message: Message): boolean {
    const { options } = this;
    this.delivered++;
    if (this.dead !== '') {
      this.lose(1, this.dead);
      return true;
    }
    if (!this.hasRoom) {
      this.lose(1, 'queue_full');
      return false;
    }
    this.open.add(message, options.rows);
    this.waitingRows++;
    this.waitingBytes += message.payload.length;
    if (this.open.rows >= options.batchRows || this.open.bytes >= options.batchBytes) this.closeBatch();
    else this.timer ??= setTimeout(() => this.age(), options.ageMs);
    return !this.isFull;
  }

  async ready(): Promise<void> {
    while (this.isFull) await this.settled();
  }

  /** Everything accepted up to now is stored, refused or lost. */
  async flush(): Promise<void> {
    this.closeBatch();
    const last = this.closedBatches;
    while (this.settledBatches < last) await this.settled();
  }

  async close(): Promise<void> {
    this.closing = true;
    this.backOff?.skipDelay();
    await this.flush();
    await this.options.driver.close();
  }

  counts(): SinkCounts {
    return {
      delivered: this.delivered,
      written: this.written,
      refused: this.refused,
      waiting: this.waitingRows,
      lost: this.lost,
      reasons: { ...this.reasons },
    };
  }

  /** '' while rows can be written; else why not: `conflict`, `database_unavailable` or `driver_failed`. */
  get failure(): string {
    return this.dead;
  }

  /** Rows of the batch that fills; 0 right after one was closed. */
  get openRows(): number {
    return this.open.rows;
  }

  /** Rows in memory: in flight, closed and filling. */
  get waiting(): number {
    return this.waitingRows;
  }

  /** False while what comes is lost. */
  get hasRoom(): boolean {
    const { maxRows, maxBytes = MAX_BYTES } = this.options;
    return this.waitingRows < maxRows && this.waitingBytes < maxBytes;
  }

  get isFull(): boolean {
    return this.queue.length > WAITING_BATCHES && this.dead === '';
  }

  private settled(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private age(): void {
    this.timer = null;
    this.overdue = true;
    // While the database is slow or away, small batches would only make it slower.
    if (!this.writing) this.closeBatch();
  }

  private closeBatch(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.overdue = false;
    if (this.dead !== '') return;
    const moved = this.options.positions();
    if (this.open.rows === 0 && moved.every(({ position }) => position === '')) return;
    const streams: StreamState[] = moved.map(({ stream, position }) => {
      const sequence = (this.sequences.get(stream) ?? 0) + 1;
      this.sequences.set(stream, sequence);
      return { stream, sequence, position };
    });
    this.queue.push(this.open.closed(streams));
    this.closedBatches++;
    this.open = new BatchRows(this.spare);
    if (!this.writing) void this.writeAll();
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    while (this.queue.length > 0) {
      const closed = this.queue[0];
      const outcome = await this.writeOne(closed.batch);
      this.queue.shift();
      this.settle(closed, outcome);
      // A batch that went to the spool may still be under way to the database: its arrays are not ours yet.
      if (outcome.outcome !== 'spooled')
        for (const { values } of closed.batch.rows) if (this.spare.length < MAX_SPARE) this.spare.push(values);
      for (const wake of this.waiters.splice(0)) wake();
      if (this.queue.length === 0 && this.overdue) this.closeBatch();
    }
    this.writing = false;
  }

  /** Tries until the database takes the batch or it is time to give up. */
  private async writeOne(batch: StoreBatch): Promise<WriteOutcome | { outcome: 'failed'; reason: string }> {
    const { driver, giveUpMs, log } = this.options;
    const backOff = new BackOff(giveUpMs);
    this.backOff = backOff;
    if (this.closing) backOff.skipDelay();
    for (;;) {
      let outcome: WriteOutcome;
      try {
        outcome = await driver.write(batch);
      } catch (error) {
        return { outcome: 'failed', reason: (error as Error).stack ?? String(error) };
      }
      if (outcome.outcome !== 'unavailable') {
        if (backOff.failures > 0) log.info(`the database is back after ${backOff.failures} tries`);
        return outcome;
      }
      if (backOff.failures === 0) log.warn(`the database does not take rows: ${outcome.reason}; they wait`);
      if (!(await backOff.wait())) return outcome;
    }
  }

  private settle({ batch, rows, bytes }: ClosedBatch, result: WriteOutcome | { outcome: 'failed'; reason: string }): void {
    this.settledBatches++;
    this.waitingRows -= rows;
    this.waitingBytes -= bytes;
    switch (result.outcome) {
      case 'stored':
        this.refused += result.refused.length;
        this.written += rows - result.refused.length;
        for (const row of result.refused) this.tellRefused(batch, row);
        this.options.onStored?.(rows - result.refused.length);
        return;
      case 'known':
        this.written += rows;
        this.options.onStored?.(rows);
        return;
      case 'spooled':
        this.spooled += rows;
        return;
      case 'conflict':
        this.end('conflict', 'another process writes the same source to this database', rows);
        return;
      case 'unavailable':
        this.end('database_unavailable', result.reason, rows);
        return;
      case 'failed':
        this.end('driver_failed', result.reason, rows);
    }
  }

  /** Nothing can be written any more: everything that waits is lost, and counted so. */
  private end(dead: string, why: string, rows: number): void {
    this.dead = dead;
    this.options.log.error(`writing to the database ends: ${why}`);
    this.settledBatches += this.queue.length;
    this.queue.length = 0;
    this.open = new BatchRows(this.spare);
    this.lose(rows + this.waitingRows, dead);
    this.waitingRows = 0;
    this.waitingBytes = 0;
  }

  private tellRefused(batch: StoreBatch, row: RefusedRow): void {
    this.reasons.refused_by_database = (this.reasons.refused_by_database ?? 0) + 1;
    const rows = batch.rows.find(({ table }) => table === row.table)!;
    const width = rows.columns.length;
    this.options.onRefused(row, rows.columns, rows.values.slice(row.row * width, (row.row + 1) * width));
  }

  private lose(count: number, reason: string): void {
    if (count === 0) return;
    this.lost += count;
    this.reasons[reason] = (this.reasons[reason] ?? 0) + count;
  }
}
