/** A batching sink (or several lanes of them) with a spool behind: one sink with one set of counts. */
import type { Message, Sink, SinkCounts } from '../../base/index.js';
import type { BatchSpool } from './batch-spool.js';

/** What the lanes and a single batching sink have in common. */
export interface Spoolable extends Sink {
  /** Rows that went to the spool. */
  readonly spooled: number;
  /** '' while rows can be written; else why not. */
  readonly failure: string;
  /** False while what comes is lost. */
  readonly hasRoom: boolean;
  /** Rows in memory. */
  readonly waiting: number;
}

export class SpooledSink implements Sink {
  readonly name: string;

  constructor(
    private readonly direct: Spoolable,
    private readonly spool: BatchSpool,
  ) {
    this.name = direct.name;
  }

  accept(message: Message): boolean {
    return this.direct.accept(message);
  }

  ready(): Promise<void> {
    return this.direct.ready();
  }

  flush(): Promise<void> {
    return this.direct.flush();
  }

  /** The spool may write through a lane's connection, so that is closed behind it. */
  async close(): Promise<void> {
    await this.direct.flush();
    await this.spool.close();
    await this.direct.close();
    await this.spool.end();
  }

  counts(): SinkCounts {
    const { delivered, written, refused, waiting, lost, reasons } = this.direct.counts();
    const { spool } = this;
    const all = { ...reasons };
    if (spool.refused > 0) all.refused_by_database = (all.refused_by_database ?? 0) + spool.refused;
    for (const [reason, count] of spool.lost.entries()) all[reason] = (all[reason] ?? 0) + count;
    return {
      delivered: delivered + spool.unpacked,
      before: spool.before,
      written: written + spool.written,
      refused: refused + spool.refused,
      waiting: waiting + spool.waiting,
      lost: lost + spool.lostRows,
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
