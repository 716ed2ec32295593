/**
 * Several batching sinks in parallel, each with its own connection and stream: one batch is prepared while
 * others are in flight. Only for sources without a position, whose batches need no order.
 */
import type { Message, Sink, SinkCounts } from '../../base/index.js';
import type { BatchingSink } from './batching-sink.js';

export class ConcurrentWriters implements Sink {
  readonly name: string;
  private filling: BatchingSink;

  /** At least one writer; each of them bounds the rows that may wait. */
  constructor(private readonly writers: readonly BatchingSink[]) {
    [this.filling] = writers;
    this.name = this.filling.name;
  }

  accept(message: Message): boolean {
    const room = this.filling.accept(message);
    // A batch is filled by one writer alone, so that batches are as large as with one.
    if (this.filling.openRows > 0 && room) return true;
    this.filling = this.freest();
    return !this.filling.isFull;
  }

  async ready(): Promise<void> {
    await Promise.race(this.writers.map((writer) => writer.ready()));
    this.filling = this.freest();
  }

  async flush(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.flush()));
  }

  async close(deadlineMs?: number): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.close(deadlineMs)));
  }

  counts(): SinkCounts {
    const sum: SinkCounts = { delivered: 0, written: 0, refused: 0, waiting: 0, lost: 0, reasons: {} };
    for (const writer of this.writers) {
      const { delivered, written, refused, waiting, lost, reasons } = writer.counts();
      sum.delivered += delivered;
      sum.written += written;
      sum.refused += refused;
      sum.waiting += waiting;
      sum.lost += lost;
      for (const [reason, count] of Object.entries(reasons)) sum.reasons[reason] = (sum.reasons[reason] ?? 0) + count;
    }
    return sum;
  }

  get hasRoom(): boolean {
    return this.writers.some(({ hasRoom }) => hasRoom);
  }

  get isCrowded(): boolean {
    return this.writers.every(({ isCrowded }) => isCrowded);
  }

  get isRefused(): boolean {
    return this.writers.some(({ isRefused }) => isRefused);
  }

  get waiting(): number {
    return this.writers.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get spooled(): number {
    return this.writers.reduce((sum, { spooled }) => sum + spooled, 0);
  }

  /** '' while rows can be written by some writer; else why not. */
  get failure(): string {
    return this.writers.every(({ failure }) => failure !== '') ? this.writers[0].failure : '';
  }

  /** A writer that still works, with the fewest rows waiting. */
  private freest(): BatchingSink {
    let best = this.writers[0];
    for (const writer of this.writers) {
      if ((best.failure !== '') !== (writer.failure !== '')) {
        if (writer.failure === '') best = writer;
      } else if (writer.waiting < best.waiting) {
        best = writer;
      }
    }
    return best;
  }
}
