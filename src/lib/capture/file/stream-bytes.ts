/** A stream (standard input, a pipe) that can be cancelled while waiting for bytes. */
import type { Readable } from 'node:stream';
import type { ByteSource } from './byte-source.js';

export interface StreamOpening {
  open(): Promise<Readable>;
  /** Ends an `open` that still waits. */
  abandon(): void;
}

export class StreamBytes implements ByteSource {
  bytesRead = 0;
  readonly fault = null;
  private stream: Readable | null = null;
  private chunks: AsyncIterator<Buffer> | null = null;
  private aborted = false;
  private giveUp: (() => void) | null = null;

  constructor(private readonly opening: StreamOpening) {}

  next(): Promise<Buffer | null> {
    if (this.aborted) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.giveUp = () => resolve(null);
      this.pull().then(resolve, reject);
    });
  }

  abort(): void {
    this.aborted = true;
    if (this.stream === null) this.opening.abandon();
    else this.stream.destroy();
    this.giveUp?.();
  }

  async close(): Promise<void> {
    this.stream?.destroy();
  }

  private async pull(): Promise<Buffer | null> {
    if (this.chunks === null) {
      this.stream = await this.opening.open();
      if (this.aborted) {
        this.stream.destroy();
        return null;
      }
      this.chunks = this.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    }
    const { value, done } = await this.chunks.next();
    if (done === true) return null;
    this.bytesRead += value.length;
    return value;
  }
}
