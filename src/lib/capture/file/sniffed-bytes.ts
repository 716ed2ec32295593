/** The bytes of a file as they were before packing: the first bytes say whether there is something to unpack. */
import type { Fault } from '../../base/index.js';
import { SNIFF_BYTES, sniff } from '../../format/index.js';
import type { ByteSource } from './byte-source.js';
import { GzipUnpacker } from './gzip.js';
import { UnpackedBytes } from './unpacked-bytes.js';
import { openZstdUnpacker } from './zstd.js';

export class SniffedBytes implements ByteSource {
  private unpacked: UnpackedBytes | null = null;
  private begun = false;

  constructor(private readonly raw: ByteSource) {}

  get bytesRead(): number {
    return this.raw.bytesRead;
  }

  get fault(): Fault | null {
    return this.unpacked?.fault ?? null;
  }

  next(): Promise<Buffer | null> {
    if (!this.begun) return this.begin();
    return this.unpacked === null ? this.raw.next() : this.unpacked.next();
  }

  abort(): void {
    this.raw.abort();
  }

  async close(): Promise<void> {
    this.unpacked?.close();
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
    if (kind === 'gzip') this.unpacked = new UnpackedBytes(this.raw, first, (output) => new GzipUnpacker(output), kind);
    else if (kind === 'zstd') {
      const open = await openZstdUnpacker();
      this.unpacked = new UnpackedBytes(this.raw, first, open, kind);
    } else return first;
    return this.unpacked.next();
  }
}
