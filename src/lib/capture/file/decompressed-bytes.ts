/**
 * Compressed bytes are passed to the decompressor in small pieces, one for each requested chunk. So memory stays bounded
 * however well the file compresses, and data before damaged bytes is still delivered.
 */
import { setImmediate } from 'node:timers/promises';
import { fault, type Fault } from '../../base/index.js';
import type { ByteSource } from './byte-source.js';
import type { Decompressor, DecompressorFactory } from './decompressor.js';

const PIECE_BYTES = 4 * 1024;
const READ_BYTES = 256 * 1024;

export class DecompressedBytes {
  fault: Fault | null = null;
  private readonly decompressor: Decompressor;
  private readonly waiting: Buffer[] = [];
  private at = 0;
  private fedBytes = 0;
  private outputBytes = 0;
  private lastOutput: Buffer = Buffer.alloc(0);
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
    this.lastOutput = output;
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
      await this.salvage(piece);
      return this.giveUp('decompress_failed');
    }
    this.at += piece.length;
    this.fedBytes += piece.length;
    // A decompressor that works in this thread would otherwise keep signals and sockets waiting for a whole chunk.
    await setImmediate();
  }

  /**
   * zlib keeps for itself what a failing call has decompressed: a file is decompressed once more from its first byte, the
   * damaged piece byte by byte. Of a pipe, and of a file that was changed meanwhile, what that piece held is lost.
   */
  private async salvage(piece: Buffer): Promise<void> {
    const { raw, outputBytes, fedBytes, lastOutput } = this;
    if (raw.readAt === undefined) return;
    let position = -outputBytes;
    let isSame = true;
    const second = this.make((output) => {
      const known = Math.min(output.length, Math.max(0, -position));
      isSame &&= continues(lastOutput, output.subarray(0, known), position + lastOutput.length);
      if (isSame && output.length > known) this.take(output.subarray(known));
      position += output.length;
    });
    try {
      for (let at = 0; at < fedBytes;) {
        const chunk = await raw.readAt(at, Math.min(READ_BYTES, fedBytes - at));
        if (chunk.length === 0 || this.ended) return;
        await second.feed(chunk);
        at += chunk.length;
      }
      for (let at = 0; at < piece.length && isSame && !this.ended; at++) {
        await second.feed(piece.subarray(at, at + 1));
        this.fedBytes++;
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

/** Whether the bytes agree with `last`, of which they are the part from `at` on; negative: they begin earlier. */
function continues(last: Buffer, bytes: Buffer, at: number): boolean {
  const part = bytes.subarray(Math.max(0, -at));
  return part.equals(last.subarray(Math.max(0, at), Math.max(0, at) + part.length));
}
