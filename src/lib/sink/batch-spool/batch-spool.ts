/** The state machine between batching sinks, a spool and a database. States, promises and invariants: states.ts. */
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock, type StoreBatch, type StoreDriver, type WriteOutcome } from '../../base/index.js';
import { MAX_RECORD_PAYLOAD, type SpoolRecord } from '../../format/spool/index.js';
import { keepingAlive, Pause, within } from '../batch/pause.js';
import { reportRefused } from '../batch/refused-rows.js';
import { BacklogLog } from './backlog-log.js';
import { BatchReader, RECORD_ROWS, batchBytes, rowsOf } from './batch-record.js';
import { DirectWrite, LateWrites, type InHand } from './direct-write.js';
import { Patience } from './patience.js';
import { SpoolAccounts, type SpoolLegacy } from './spool-accounts.js';
import type { RawRecords } from './raw-records.js';
import { appendPieces } from './pieces.js';
import type { SpoolState } from './states.js';
import { StoreAttempts } from './store-attempts.js';
import type { BatchSpoolOptions } from './batch-spool-options.js';

const YIELD_MS = 10;
/** A server that takes so long to refuse a batch hangs: it is not tried again while draining. */
const SLOW_MS = 5000;
const SPOOLED: WriteOutcome = { outcome: 'spooled' };

export class BatchSpool {
  state: SpoolState = 'direct';
  readonly accounts: SpoolAccounts;
  private readonly lateWrites = new LateWrites();
  private inHand: InHand | null = null;
  /** Read, but an older batch has to go first. */
  private next: SpoolRecord | null = null;
  /** Batches that neither the database nor the disk has taken. */
  strandedBatches = 0;
  private inFlight = 0;
  private draining = false;
  /** Of a batch while draining. */
  private maxAttempts = 1;
  private raw: RawRecords | null = null;
  private running: Promise<void> = Promise.resolve();
  private readonly pause = new Pause();
  private readonly patience: Patience;
  /** The spool may have its next owner: late answers change nothing any more. */
  private hasEnded = false;
  private readonly reader = new BatchReader();
  private readonly attempts: StoreAttempts;
  private readonly backlogLog: BacklogLog;

  constructor(private readonly options: BatchSpoolOptions) {
    this.accounts = new SpoolAccounts(options.spool.lostRecovered, options.dropped);
    this.attempts = new StoreAttempts(options.store, options.log, options.retryMs, options.onOutage, () => this.backlogLog.outage());
    this.patience = new Patience(options.patienceMs);
    this.backlogLog = new BacklogLog(options.log, options.clock ?? systemClock);
  }

  start(raw: RawRecords | null): void {
    this.raw = raw;
    const { unread } = this.options.spool;
    if (unread > 0) this.leaveDirect('settling', unread);
  }

  /** True while there is a backlog: new batches must queue after it. */
  get busy(): boolean {
    return this.state !== 'direct';
  }

  /** Batches that wait. */
  get backlog(): number {
    return this.options.spool.unread + (this.next === null ? 0 : 1) + (this.inHand === null ? 0 : 1);
  }

  /** Waiting rows of this process, and those of an earlier one that are being stored. */
  get waiting(): number {
    return this.accounts.heldRows + (this.inHand?.rows ?? 0);
  }

  /** Takes a raw record; false when the spool refuses it. */
  keepRaw(record: Buffer, packets: number): boolean {
    if (this.append(record, this.raw!.type, 0, packets) === 0) return false;
    if (this.state === 'direct') this.leaveDirect('yielding');
    return true;
  }

  /** The same driver, backed by the spool. */
  behind(driver: StoreDriver): StoreDriver {
    return {
      open: () => driver.open(),
      write: (batch) => this.write(driver, batch),
      close: () => driver.close(),
    };
  }

  /** Stores the backlog; resolves when that is done, when the database has refused a batch so often, or after `stop`. */
  async drain(maxAttempts = 1): Promise<void> {
    this.draining = true;
    this.maxAttempts = maxAttempts;
    this.pause.wake();
    // Pauses alone keep no process alive.
    await keepingAlive(() => this.running);
  }

  /** What is not in flight stays in the spool. */
  stop(): void {
    this.state = 'stopped';
    this.attempts.isStopping = true;
    this.pause.wake();
  }

  /** Memory runs short: batches in flight are spooled now, and those behind them. */
  relieve(): void {
    this.patience.cutShort();
  }

  /** Stores what it can within that time; the rest stays in the spool, and so does what is in flight. */
  async close(deadlineMs: number): Promise<void> {
    this.raw?.flush(); // The database may refuse at once.
    this.patience.end();
    await turn(); // Now the batches in flight are spooled, and those behind them.
    await within(this.drain(), deadlineMs);
    if (this.backlog > 0) this.stop();
    this.noteLost();
    if (this.backlog > 0) this.options.log.warn(`batches of rows that remain in the spool: ${this.backlog}`);
  }

  /** Ends; called after `close` and after the drivers were closed. A write still in flight is waited for no longer than that. */
  async end(deadlineMs = Infinity): Promise<void> {
    if (this.busy) this.stop();
    await within(this.running, deadlineMs);
    this.hasEnded = true;
    const { spool } = this.options;
    await spool.close();
    this.accounts.noteLost(Infinity, (number) => spool.lossOf(number));
    const { number, rows } = this.inHand ?? { number: -1, rows: 0 };
    const why = number === 0 ? 'spool_size' : spool.lossOf(number); // evicted, or refused by the disk
    if (why === '') return;
    this.accounts.lose(number, why, { rows, packets: 0 });
    this.inHand = null;
  }

  /** Counts what the spool lost, except for batches still in memory. */
  noteLost(): void {
    const { spool } = this.options;
    this.accounts.noteLost(spool.lost.total(), (number) => (this.lateWrites.has(number) ? '' : spool.lossOf(number)));
  }

  /** What remains here after the end, for the next owner of the spool. */
  get legacy(): SpoolLegacy {
    return this.accounts.legacy(this.inHand);
  }

  /** Records before this number were read or are lost. */
  private get firstHeld(): number {
    return this.next?.number ?? this.options.spool.nextUnread;
  }

  private async write(driver: StoreDriver, batch: StoreBatch): Promise<WriteOutcome> {
    if (this.state !== 'direct' && this.state !== 'yielding') return this.appendBatch(batch) > 0 ? SPOOLED : this.refusal();
    this.inFlight++;
    const write = new DirectWrite(driver, reportRefused(batch, this.options.onRefused));
    const answer = write.answer.finally(() => {
      this.inFlight--;
      if (this.inFlight === 0) this.pause.wake();
    });
    const outcome = await this.patience.within(answer);
    if (outcome !== null && outcome.outcome !== 'unavailable') return outcome;
    const number = this.appendBatch(batch);
    if (number === 0 && outcome !== null) return outcome;
    if (number === 0) {
      this.strandedBatches++;
      return answer.finally(() => this.strandedBatches--);
    }
    if (this.options.divisible !== true) this.lateWrites.add(number, write);
    if (outcome === null) void this.attempts.awaitLate(answer);
    else this.attempts.failed(outcome.reason);
    if (this.state === 'direct') this.leaveDirect('settling');
    if (this.state === 'yielding') this.state = 'settling';
    return SPOOLED;
  }

  private appendBatch(batch: StoreBatch): number {
    if (this.options.divisible !== true) return this.append(batchBytes(batch), RECORD_ROWS, rowsOf(batch), 0);
    const append = (bytes: Buffer, rows: number) => this.append(bytes, RECORD_ROWS, rows, 0);
    return appendPieces(batch, append, (number) => this.accounts.take(number));
  }

  /** Appends a record to the spool; returns its number, 0 if that fails. */
  private append(bytes: Buffer, type: number, rows: number, packets: number): number {
    const { spool } = this.options;
    const number = spool.nextRecord;
    if (this.hasEnded || bytes.length > MAX_RECORD_PAYLOAD || !spool.append(bytes, type)) return 0;
    this.accounts.hold(number, rows, packets);
    return number;
  }

  private refusal(): WriteOutcome {
    const { refusal } = this.options.spool;
    const reason = refusal === '' ? 'the batch is too large for the spool' : `the spool cannot be written either (${refusal})`;
    return { outcome: 'unavailable', reason };
  }

  private leaveDirect(state: 'yielding' | 'settling', earlier = 0): void {
    this.state = state;
    this.backlogLog.begin(earlier);
    this.running = this.run();
  }

  private async run(): Promise<void> {
    // Waiting first of all: the caller has yet to store the promise of this very call.
    await this.pause.wait(0);
    for (;;) {
      switch (this.state) {
        case 'yielding':
          if (this.raw?.rowsBefore() === true) await this.pause.wait(YIELD_MS);
          else this.state = 'settling';
          break;
        case 'settling':
          if (this.inFlight > 0) await this.pause.wait(Infinity);
          else this.state = 'replaying';
          break;
        case 'replaying':
          await this.replayNext();
          break;
        case 'direct':
          return this.backlogLog.end(this.draining);
        case 'stopped':
          return;
      }
    }
  }

  /** Stores the oldest batch, or finds that there is none. */
  private async replayNext(): Promise<void> {
    const { spool } = this.options;
    this.inHand ??= this.nextInHand();
    if (this.inHand !== null) {
      const { clock = systemClock } = this.options;
      const began = clock.monotonic();
      if (await this.storeInHand(this.inHand)) return;
      const isSlow = clock.monotonic() - began > SLOW_MS;
      if (this.draining && (isSlow || this.attempts.failures >= this.maxAttempts)) this.stop();
      else if (this.state === 'replaying') await this.pause.wait(this.attempts.pauseMs);
    } else if (spool.unread === 0) {
      // Changed in the same tick: a record appended between this check and the change would never be read.
      if (this.raw?.flush() !== true) this.state = 'direct';
    } else if (spool.readFailure !== '' || spool.refusal !== '') {
      if (this.draining) this.stop();
      else await this.pause.wait(this.attempts.pauseMs);
    } else {
      await this.pause.wait(0);
    }
  }

  private nextInHand(): InHand | null {
    const record = this.next ?? this.options.spool.read();
    this.next = record;
    // A batch only in memory: the spool evicted its record while it was being written.
    const evicted = this.lateWrites.oldestBefore(this.firstHeld);
    if (evicted > 0) {
      const write = this.lateWrites.take(evicted)!;
      return { number: 0, batch: write.batch, rows: this.accounts.take(evicted).rows, write };
    }
    this.noteLost();
    this.next = null;
    return record === null ? null : this.unpack(record);
  }

  private unpack({ number, type, payload }: SpoolRecord): InHand | null {
    const { log, spool } = this.options;
    const own = this.accounts.take(number);
    const write = this.lateWrites.take(number);
    const isRaw = type === this.raw?.type;
    const batch =
      write?.batch ?? (isRaw ? this.raw!.read(payload, own.counted === true) : type === RECORD_ROWS ? this.reader.read(payload) : null);
    if (batch === null) {
      log.error(`record ${number} of the spool is not a valid batch of rows; its segment will be set aside`);
      this.accounts.unknown(own);
      spool.keepSegmentOf(number);
      spool.acknowledge(number);
      return null;
    }
    reportRefused(batch, this.options.onRefused);
    const rows = rowsOf(batch);
    if (own.counted !== true) {
      if (isRaw) this.accounts.unpacked += rows;
      else if (own.rows === 0) this.accounts.readBefore(rows);
    }
    return { number, batch, rows, write };
  }

  /** True when the database has the batch. */
  private async storeInHand({ number, batch, rows, write }: InHand): Promise<boolean> {
    const late = write?.final ?? null;
    const outcome = late ?? (await this.attempts.attempt(batch, write?.driver));
    if (outcome === null || this.hasEnded) return false;
    const refused = outcome.outcome === 'stored' ? outcome.refused : [];
    this.accounts.stored(rows, refused.length);
    this.inHand = null;
    if (number > 0) this.options.spool.acknowledge(number);
    this.backlogLog.progress(this.backlog);
    return true;
  }
}
