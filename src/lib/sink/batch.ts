/**
 * Batches rows and writes them in the background: one batch in flight, one filling, a bounded number waiting.
 * The driver only opens, writes and closes; retry, order and the counting of losses live here.
 */
import type { ColumnValue, Log, Message, RefusedRow, Sink, SinkCounts, StoreBatch, StoreDriver, StreamState, TableRows, WriteOutcome } from '../base/index.js';
import { BackOff } from './back-off.js';

/** Makes rows of messages. */
export interface RowMaker {
  table(message: Message): string;
  columns(message: Message): readonly string[];
  /** Appends the message's row in the order of its columns. */
  push(message: Message, into: ColumnValue[]): void;
}

export interface BatchingOptions {
  name: string;
  driver: StoreDriver;
  rows: RowMaker;
  log: Log;
  /** Rows that close a batch. */
  batchRows: number;
  /** Payload bytes that close a batch. */
  batchBytes: number;
  /** Age in milliseconds that closes a batch. */
  ageMs: number;
  /** Rows that may wait in memory; what comes beyond is lost (sources that can wait never go beyond). */
  mostRows: number;
  /** Milliseconds after which an unavailable database is given up; Infinity never. */
  giveUpMs: number;
  /** The streams that moved since the last call, at the moment a batch is closed. */
  positions(): { stream: string; position: string }[];
  /** Sequence numbers of streams that the database knows already. */
  sequences: ReadonlyMap<string, number>;
  /** A row that the database refused, with its columns and values. */
  onRefused(row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]): void;
}

interface OpenBatch {
  tables: Map<string, TableRows>;
  rows: number;
  bytes: number;
}

/** Batches that may wait beside the one in flight before `accept` says full. */
const WAITING_BATCHES = 2;

export class BatchingSink implements Sink {
  readonly name: string;
  private open: OpenBatch = emptyBatch();
  private readonly queue: { batch: StoreBatch; rows: number }[] = [];
  private readonly sequences: Map<string, number>;
  private waitingRows = 0;
  private delivered = 0;
  private written = 0;
  private refused = 0;
  private lost = 0;
  private readonly reasons: Record<string, number> = {};
  private writing: Promise<void> | null = null;
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
    this.delivered++;
    if (this.dead !== '') {
      this.lose(1, this.dead);
      return true;
    }
    if (this.waitingRows >= this.options.mostRows) {
      this.lose(1, 'queue_full');
      return false;
    }
    this.addRow(message);
    const { open, options } = this;
    if (open.rows >= options.batchRows || open.bytes >= options.batchBytes) this.closeBatch();
    else this.timer ??= setTimeout(() => this.closeBatch(), options.ageMs);
    return this.queue.length < WAITING_BATCHES;
  }

  async ready(): Promise<void> {
    while (this.queue.length >= WAITING_BATCHES && this.dead === '') await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  async flush(): Promise<void> {
    this.closeBatch();
    while (this.writing !== null) await this.writing;
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.flush();
    await this.options.driver.close();
  }

  counts(): SinkCounts {
    return { delivered: this.delivered, written: this.written, refused: this.refused, waiting: this.waitingRows, lost: this.lost, reasons: { ...this.reasons } };
  }

  /** '' while the database could be reached; else why not. */
  get failure(): string {
    return this.dead;
  }

  private addRow(message: Message): void {
    const { open, options } = this;
    const table = options.rows.table(message);
    let rows = open.tables.get(table);
    if (rows === undefined) {
      rows = { table, columns: options.rows.columns(message), values: [], count: 0 };
      open.tables.set(table, rows);
    }
    options.rows.push(message, rows.values);
    rows.count++;
    open.rows++;
    open.bytes += message.payload.length;
    this.waitingRows++;
  }

  private closeBatch(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const moved = this.options.positions();
    if (this.dead !== '' || (this.open.rows === 0 && moved.length === 0)) return;
    const streams: StreamState[] = moved.map(({ stream, position }) => {
      const sequence = (this.sequences.get(stream) ?? 0) + 1;
      this.sequences.set(stream, sequence);
      return { stream, sequence, position };
    });
    this.queue.push({ batch: { rows: [...this.open.tables.values()], streams }, rows: this.open.rows });
    this.open = emptyBatch();
    this.writing ??= this.writeAll().finally(() => {
      this.writing = null;
    });
  }

  private async writeAll(): Promise<void> {
    while (this.queue.length > 0) {
      const { batch, rows } = this.queue[0];
      const outcome = await this.writeOne(batch);
      this.queue.shift();
      this.waitingRows -= rows;
      this.settle(batch, rows, outcome);
      for (const wake of this.waiters.splice(0)) wake();
    }
  }

  /** Tries until the database takes the batch or it is time to give up. */
  private async writeOne(batch: StoreBatch): Promise<WriteOutcome> {
    const { driver, giveUpMs, log } = this.options;
    const backOff = new BackOff(giveUpMs);
    for (;;) {
      const outcome = await driver.write(batch);
      if (outcome.outcome !== 'unavailable') {
        if (backOff.failures > 0) log.info(`the database is back after ${backOff.failures} tries`);
        return outcome;
      }
      if (backOff.failures === 0) log.warn(`the database does not take rows: ${outcome.reason}; they wait`);
      if (!(await backOff.wait(this.closing))) return outcome;
    }
  }

  private settle(batch: StoreBatch, rows: number, result: WriteOutcome): void {
    if (result.outcome === 'stored') {
      this.refused += result.refused.length;
      this.written += rows - result.refused.length;
      for (const row of result.refused) this.tellRefused(batch, row);
    } else if (result.outcome === 'known') {
      this.written += rows;
    } else {
      this.dead = result.outcome === 'conflict' ? 'conflict' : 'database_unavailable';
      const why = result.outcome === 'conflict' ? 'another process writes the same source to this database' : result.reason;
      this.options.log.error(`writing to the database ends: ${why}`);
      this.lose(rows, this.dead);
      for (const waiting of this.queue.splice(1)) {
        this.waitingRows -= waiting.rows;
        this.lose(waiting.rows, this.dead);
      }
      this.waitingRows -= this.open.rows;
      this.lose(this.open.rows, this.dead);
      this.open = emptyBatch();
    }
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

function emptyBatch(): OpenBatch {
  return { tables: new Map(), rows: 0, bytes: 0 };
}
