/** Rows on standard output as an output of the run, so that a slow reader slows the source, and a closed pipe ends it. */
import type { Sink, SinkCounts } from '../../base/index.js';
import { StreamWriter } from '../../sink/terminal/stream-writer.js';
import type { Writable } from 'node:stream';

export interface RowProducer {
  /** Called once, before the output is closed: writes the rest. */
  finish(): void;
}

export class RowSink implements Sink {
  readonly name = 'rows';
  producer: RowProducer | null = null;
  private readonly writer: StreamWriter;

  constructor(stream: Writable, onClosed: () => void) {
    this.writer = new StreamWriter(stream, onClosed);
  }

  get isClosed(): boolean {
    return this.writer.closed;
  }

  /** False when the reader is behind. */
  row(text: string): boolean {
    return this.writer.count() ? this.writer.write(text) : true;
  }

  /** Text that is not a row: a header. */
  text(text: string): void {
    this.writer.write(text);
  }

  /** Flushes buffered rows immediately. */
  push(): void {
    this.writer.push();
  }

  /** Messages go to the handler, not here. */
  accept(): boolean {
    return true;
  }

  ready(): Promise<void> {
    return this.writer.ready();
  }

  flush(): Promise<void> {
    return this.writer.flush();
  }

  async close(): Promise<void> {
    this.producer?.finish();
    await this.flush();
  }

  counts(): SinkCounts {
    return this.writer.counts();
  }
}
