/**
 * Compressed bytes are passed to the decompressor in small pieces, one for each requested chunk. So memory stays bounded
 * however well the file compresses, and data before damaged bytes is still delivered.
 */
import { setImmediate } from 'node:timers/promises';
import { fault, type Fault } from '../../base/index.js';
import type { ByteSource } from './byte-source.js';
import type { Decompressor, DecompressorFactory } from './decompressor.js';

const PIECE_BYTES = 4 * 1024;

export class DecompressedBytes {
  fault: Fault | null = null;
  private readonly decompressor: Decompressor;
  private readonly waiting: Buffer[] = [];
  private at = 0;
  private fedBytes = 0;
  private outputBytes = 0;
  private ended = false;

  constructor(
    private readonly raw: ByteSource,
    private chunk: Buffer | null,
    private readonly make: DecompressorFactory,
    private readonly kind: string,
  ) {
    this.decompressor = make((output) => this.take(output));
  }

  async next(): Promise<Buffer | null> {
    while (this.waiting.length === 0 && !this.ended) await this.step();
    return this.waiting.shift() ?? null;
  }

  abort(): void {
    this.ended = true;
  }

  close(): void {
    this.decompressor.close();
  }

  private take(output: Buffer): void {
    this.outputBytes += output.length;
    this.waiting.push(output);
  }

  private async step(): Promise<void> {
    if (this.chunk !== null && this.at === this.chunk.length) {
      this.chunk = await this.raw.next();
      this.at = 0;
    }
    if (this.chunk === null) return this.end();
    const piece = this.chunk.subarray(this.at, this.at + PIECE_BYTES);
    try {
      await this.decompressor.feed(piece);
    } catch {
      await this.salvage(piece.length);
      return this.giveUp('decompress_failed');
    }
    this.at += piece.length;
    this.fedBytes += piece.length;
    // A decompressor that works in this thread would otherwise keep signals and sockets waiting for a whole chunk.
    await setImmediate();
  }

  /**
   * zlib keeps for itself what a failing call has decompressed: a file is decompressed once more from its first byte, the
   * damaged piece byte by byte. Of a pipe, what that piece held is lost.
   */
  private async salvage(pieceBytes: number): Promise<void> {
    if (this.raw.readAt === undefined) return;
    let known = this.outputBytes;
    const second = this.make((output) => {
      if (output.length > known) this.take(output.subarray(known));
      known = Math.max(0, known - output.length);
    });
    const pieceAt = this.fedBytes;
    try {
      for (let at = 0; at < pieceAt + pieceBytes && !this.ended;) {
        const piece = await this.raw.readAt(at, at < pieceAt ? Math.min(PIECE_BYTES, pieceAt - at) : 1);
        await second.feed(piece);
        at += piece.length;
        this.fedBytes = Math.max(pieceAt, at);
      }
    } catch {
      // The same damage, now at its own byte.
    } finally {
      second.close();
    }
  }

  private async end(): Promise<void> {
    try {
      if (!(await this.decompressor.finish())) this.giveUp('cut');
    } catch {
      this.giveUp('decompress_failed');
    }
    this.ended = true;
  }

  /** `atByte` is an offset in the compressed file: where the damage was found. */
  private giveUp(code: 'decompress_failed' | 'cut'): void {
    this.fault = fault(code, `${this.kind} data`, this.fedBytes);
    this.ended = true;
  }
}
