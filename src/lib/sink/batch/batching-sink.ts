/**
 * Batches rows and writes them in the background: one batch in flight, one filling, a bounded number waiting.
 * The driver only opens, writes and closes; retry, order and the accounting of losses live here.
 */
import type { Message, PresentRows, Sink, SinkCounts, StoreBatch, StreamState, WriteOutcome } from '../../base/index.js';
import type { BatchingOptions } from './batching-options.js';
import { BackOff } from './back-off.js';
import { BatchRows, RowMemory, type ClosedBatch } from './batch-rows.js';
import { within } from './pause.js';
import { reportRefused } from './refused-rows.js';

export type { RowMaker } from './batch-rows.js';

export type { BatchingOptions } from './batching-options.js';

/** Batches that may wait beside the one in flight before `accept` reports full. */
const WAITING_BATCHES = 1;
const MAX_BYTES = 256 * 1024 * 1024;
/** Deadline of `close` where none is given, and the share of it that flushing may take. */
const CLOSE_MS = 10_000;
const FLUSH_SHARE = 0.8;
/** Maximum of consecutive conflicts with new streams. */
const MAX_RENEWALS = 3;

export class BatchingSink implements Sink {
  readonly name: string;
  private readonly memory: RowMemory;
  private open: BatchRows;
  /** The open batch has reached its age. */
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
  /** Rows that existed already. */
  private present = 0;
  /** Rows accepted by a spool; they are in its counts. */
  spooled = 0;
  private readonly reasons: Record<string, number> = {};
  private writing = false;
  private backOff: BackOff | null = null;
  private timer: NodeJS.Timeout | null = null;
  private waiters: (() => void)[] = [];
  /** Why nothing can be written any more; '' while it can. */
  private dead = '';
  private closing = false;

  constructor(private readonly options: BatchingOptions) {
    this.name = options.name;
    this.sequences = new Map(options.sequences);
    this.memory = new RowMemory(options.packer ?? null);
    this.open = new BatchRows(this.memory);
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
    this.open.add(message, options.rows, options.comparison?.());
    options.onAdded?.(message);
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

  /** What is not stored within the deadline is counted as lost, also if a hung server takes it later. */
  async close(deadlineMs = CLOSE_MS): Promise<void> {
    this.closing = true;
    this.backOff?.skipDelay();
    const flushed = await within(
      this.flush().then(() => true),
      deadlineMs * FLUSH_SHARE,
    );
    if (flushed === null) this.end('drain_deadline', 'no answer before the deadline for closing', 0);
    await within(this.options.driver.close(), deadlineMs * (1 - FLUSH_SHARE));
  }

  counts(): SinkCounts {
    return {
      delivered: this.delivered,
      written: this.written,
      refused: this.refused,
      waiting: this.waitingRows,
      lost: this.lost,
      ...(this.present > 0 ? { present: this.present } : {}),
      reasons: { ...this.reasons },
    };
  }

  /** '' while rows can be written; else why not: `conflict`, `database_unavailable`, `driver_failed` or `drain_deadline`. */
  get failure(): string {
    return this.dead;
  }

  /** The batch in flight was refused, and is tried again. */
  get isRefused(): boolean {
    return this.writing && this.dead === '' && (this.backOff?.failures ?? 0) > 0;
  }

  /** Rows of the open batch; 0 right after one was closed. */
  get openRows(): number {
    return this.open.rows;
  }

  /** Rows in memory: in flight, closed and open. */
  get waiting(): number {
    return this.waitingRows;
  }

  /** False while new rows are lost. */
  get hasRoom(): boolean {
    const { maxRows, maxBytes = MAX_BYTES } = this.options;
    return this.waitingRows < maxRows && this.waitingBytes < maxBytes;
  }

  /** Half of the memory for rows is taken. */
  get isCrowded(): boolean {
    const { maxRows, maxBytes = MAX_BYTES } = this.options;
    return 2 * this.waitingRows >= maxRows || 2 * this.waitingBytes >= maxBytes;
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
    // While the database is slow or unavailable, small batches would only make it slower.
    if (!this.writing) this.closeBatch();
  }

  private closeBatch(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.overdue = false;
    if (this.dead !== '') return;
    const moved = this.options.positions();
    if (this.open.rows === 0 && moved.every(({ position }) => position === '')) return;
    const closed = this.open.closed(this.nextStreams(moved));
    reportRefused(closed.batch, this.options.onRefused);
    this.queue.push(closed);
    this.closedBatches++;
    this.open = new BatchRows(this.memory);
    if (!this.writing) void this.writeAll();
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    while (this.queue.length > 0) {
      const closed = this.queue[0];
      const outcome = await this.writeOne(closed.batch);
      if (this.dead !== '') break; // given up meanwhile: all of it was counted
      this.queue.shift();
      this.settle(closed, outcome);
      // A batch that went to the spool may still be in flight to the database: its memory is not ours yet.
      if (outcome.outcome !== 'spooled') this.memory.release(closed.batch);
      for (const wake of this.waiters.splice(0)) wake();
      if (this.queue.length === 0 && this.overdue) this.closeBatch();
    }
    this.writing = false;
  }

  /** Retries until the database accepts the batch or it is time to give up. */
  private async writeOne(batch: StoreBatch): Promise<WriteOutcome | { outcome: 'failed'; reason: string }> {
    const { driver, giveUpMs, log } = this.options;
    const backOff = new BackOff(giveUpMs);
    let renewals = 0;
    this.backOff = backOff;
    if (this.closing) backOff.skipDelay();
    for (;;) {
      let outcome: WriteOutcome;
      try {
        outcome = await driver.write(batch);
      } catch (error) {
        return { outcome: 'failed', reason: (error as Error).stack ?? String(error) };
      }
      if (outcome.outcome === 'conflict' && this.options.renewStreams !== undefined && renewals++ < MAX_RENEWALS) {
        log.warn('the database holds another position of this stream (restored or failed over); continuing with a new stream');
        this.renumberQueue(this.options.renewStreams(this.queue.map(({ batch: waiting }) => waiting.streams)));
        continue;
      }
      if (outcome.outcome !== 'unavailable') {
        if (backOff.failures > 0) log.info(`database available again after ${backOff.failures} attempts`);
        return outcome;
      }
      if (backOff.failures === 0) log.warn(`database unavailable (${outcome.reason}); buffering rows`);
      if (!(await backOff.wait())) return outcome;
    }
  }

  /** Closed batches continue in the new streams, in order. */
  private renumberQueue(renewed: readonly { stream: string; position: string }[][]): void {
    this.queue.forEach(({ batch }, at) => (batch.streams = this.nextStreams(renewed[at])));
  }

  private nextStreams(moved: readonly { stream: string; position: string }[]): StreamState[] {
    return moved.map(({ stream, position }) => {
      const sequence = (this.sequences.get(stream) ?? 0) + 1;
      this.sequences.set(stream, sequence);
      return { stream, sequence, position };
    });
  }

  private settle({ rows, bytes }: ClosedBatch, result: WriteOutcome | { outcome: 'failed'; reason: string }): void {
    this.settledBatches++;
    this.waitingRows -= rows;
    this.waitingBytes -= bytes;
    switch (result.outcome) {
      case 'stored':
        this.refused += result.refused.length;
        this.written += rows - result.refused.length - this.countPresent(result.present);
        if (result.refused.length > 0) this.addReason('refused_by_database', result.refused.length);
        this.options.onStored?.(rows - result.refused.length - (result.present?.rows ?? 0));
        return;
      case 'known':
        this.written += rows;
        this.options.onStored?.(rows);
        return;
      case 'spooled':
        this.spooled += rows;
        return;
      case 'conflict':
        this.end('conflict', 'another process stored some of the same source meanwhile; run the command again when it has ended', rows);
        return;
      case 'unavailable':
        this.end('database_unavailable', result.reason, rows);
        return;
      case 'failed':
        this.end('driver_failed', result.reason, rows);
    }
  }

  /** Nothing can be written any more: everything that waits is counted as lost, and `rows` beside it. */
  private end(dead: string, why: string, rows: number): void {
    if (this.dead !== '') return;
    this.dead = dead;
    this.options.log.error(`giving up on the database: ${why}`);
    this.settledBatches += this.queue.length;
    this.queue.length = 0;
    this.open = new BatchRows(this.memory);
    this.lose(rows + this.waitingRows, dead);
    this.waitingRows = 0;
    this.waitingBytes = 0;
    for (const wake of this.waiters.splice(0)) wake();
  }

  private lose(count: number, reason: string): void {
    if (count === 0) return;
    this.lost += count;
    this.addReason(reason, count);
  }

  private countPresent({ rows, messages }: PresentRows = { rows: 0, messages: 0 }): number {
    this.present += rows;
    if (this.options.onPresent !== undefined) {
      this.present -= messages;
      this.delivered -= messages;
      this.options.onPresent(messages);
    }
    return rows;
  }

  private addReason(reason: string, count: number): void {
    this.reasons[reason] = (this.reasons[reason] ?? 0) + count;
  }
}
