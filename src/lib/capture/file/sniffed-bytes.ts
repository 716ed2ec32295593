/** The bytes of a file, decompressed: the first bytes show whether it is compressed. */
import type { Fault } from '../../base/index.js';
import { SNIFF_BYTES, sniff } from '../../format/index.js';
import type { ByteSource } from './byte-source.js';
import { GzipDecompressor } from './gzip.js';
import { DecompressedBytes } from './decompressed-bytes.js';
import { openZstdDecompressor } from './zstd.js';

export class SniffedBytes implements ByteSource {
  private decompressed: DecompressedBytes | null = null;
  private begun = false;

  constructor(private readonly raw: ByteSource) {}

  get bytesRead(): number {
    return this.raw.bytesRead;
  }

  get fault(): Fault | null {
    return this.decompressed?.fault ?? null;
  }

  next(): Promise<Buffer | null> {
    if (!this.begun) return this.begin();
    return this.decompressed === null ? this.raw.next() : this.decompressed.next();
  }

  abort(): void {
    this.decompressed?.abort();
    this.raw.abort();
  }

  async close(): Promise<void> {
    this.decompressed?.close();
    await this.raw.close();
  }

  private async begin(): Promise<Buffer | null> {
    let first = await this.raw.next();
    while (first !== null && first.length < SNIFF_BYTES) {
      const more = await this.raw.next();
      if (more === null) break;
      first = Buffer.concat([first, more]);
    }
    this.begun = true;
    if (first === null) return null;
    const kind = sniff(first);
    if (kind === 'gzip') this.decompressed = new DecompressedBytes(this.raw, first, (output) => new GzipDecompressor(output), kind);
    else if (kind === 'zstd') {
      const open = await openZstdDecompressor();
      this.decompressed = new DecompressedBytes(this.raw, first, open, kind);
    } else return first;
    return this.decompressed.next();
  }
}
