/** Batching sinks backed by a spool: one sink with one set of counts. */
import type { Message, Sink, SinkCounts } from '../../base/index.js';
import type { BatchSpool } from './batch-spool.js';
import { keepingAlive, within } from '../batch/pause.js';

/** What concurrent writers and a single batching sink have in common. */
export interface Spoolable extends Sink {
  /** Rows that went to the spool. */
  readonly spooled: number;
  /** '' while rows can be written; else why not. */
  readonly failure: string;
  /** False while new rows are lost. */
  readonly hasRoom: boolean;
  /** It soon will be: half of the memory for rows is taken. */
  readonly isCrowded: boolean;
  /** What is in flight was refused, and is tried again. */
  readonly isRefused: boolean;
  /** Rows in memory. */
  readonly waiting: number;
}

/** Default deadline, the shares of its steps, and the longest time for storing the backlog. */
const CLOSE_MS = 10_000;
const FLUSH_SHARE = 0.3;
const DRAIN_SHARE = 0.4;
const WRITERS_SHARE = 0.2;
const END_SHARE = 0.1;
const DRAIN_MS = 3000;

export class SpooledSink implements Sink {
  readonly name: string;

  constructor(
    private readonly direct: Spoolable,
    private readonly spool: BatchSpool,
  ) {
    this.name = direct.name;
  }

  accept(message: Message): boolean {
    const room = this.direct.accept(message);
    if (this.direct.isCrowded) this.spool.relieve();
    return room;
  }

  ready(): Promise<void> {
    return this.direct.ready();
  }

  flush(): Promise<void> {
    return this.direct.flush();
  }

  /** What the database has not taken within the deadline stays in the spool. */
  close(deadlineMs = CLOSE_MS): Promise<void> {
    // With its connections closed, nothing else may keep the process alive until the spool is closed.
    return keepingAlive(async () => {
      await within(this.direct.flush(), deadlineMs * FLUSH_SHARE);
      await this.spool.close(Math.min(deadlineMs * DRAIN_SHARE, DRAIN_MS));
      // The spool may write through the connection of a direct writer, which is therefore closed after it.
      await this.direct.close(deadlineMs * WRITERS_SHARE);
      await this.spool.end(deadlineMs * END_SHARE);
    });
  }

  counts(): SinkCounts {
    this.spool.noteLost();
    const { delivered, written, refused, waiting, lost, reasons } = this.direct.counts();
    const { accounts } = this.spool;
    const all = { ...reasons };
    if (accounts.refused > 0) all.refused_by_database = (all.refused_by_database ?? 0) + accounts.refused;
    for (const [reason, count] of accounts.lost.entries()) all[reason] = (all[reason] ?? 0) + count;
    return {
      delivered: delivered + accounts.unpacked,
      before: accounts.before,
      written: written + accounts.written,
      refused: refused + accounts.refused,
      waiting: waiting + this.spool.waiting,
      lost: lost + accounts.lost.total(),
      reasons: all,
    };
  }

  get hasRoom(): boolean {
    return this.direct.hasRoom;
  }

  get failure(): string {
    return this.direct.failure;
  }
}
