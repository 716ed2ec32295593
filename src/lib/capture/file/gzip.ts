/** gzip by Node's zlib; several members in a row are one stream (RFC 1952 section 2.2). */
import { createGunzip } from 'node:zlib';
import type { Decompressor } from './decompressor.js';

const OUTPUT_BYTES = 256 * 1024;

export class GzipDecompressor implements Decompressor {
  private readonly engine = createGunzip({ chunkSize: OUTPUT_BYTES });
  private failure: Error | null = null;
  private ended = false;
  private resolve: () => void = () => {};
  private reject: (error: Error) => void = () => {};

  constructor(output: (chunk: Buffer) => void) {
    this.engine.on('data', output);
    this.engine.on('error', (error) => {
      this.failure = error;
      this.reject(error);
    });
    this.engine.on('end', () => {
      this.ended = true;
      this.resolve();
    });
  }

  /** Zeros after the last member end the stream; the callbacks of its writes are no longer called. */
  feed(piece: Buffer): Promise<void> {
    return this.settled(() => this.engine.write(piece, () => this.resolve()));
  }

  /** Nothing is left to decompress here: this only asks whether the stream may end. */
  async finish(): Promise<boolean> {
    try {
      await this.settled(() => this.engine.end());
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.engine.destroy();
  }

  private settled(work: () => void): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.ended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      work();
    });
  }
}
