/**
 * Digests of a stream's bytes at record ends. A file is known by its content: `head` is the SHA-256 through
 * its first record, `digest` that through the requested record.
 */
import { createHash, type Hash } from 'node:crypto';

export class RunningDigest {
  private readonly hash: Hash = createHash('sha256');
  private readonly chunks: Buffer[] = [];
  /** Stream offset of the first byte of `chunks[0]`. */
  private base = 0;
  private hashedTo = 0;

  /** The next piece of the stream; kept until it is hashed. */
  push(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  /** Hashes through stream offset `to`, which never goes back. */
  advance(to: number): void {
    while (this.chunks.length > 0 && this.hashedTo < to) {
      const chunk = this.chunks[0];
      const end = Math.min(to, this.base + chunk.length);
      this.hash.update(chunk.subarray(this.hashedTo - this.base, end - this.base));
      this.hashedTo = end;
      if (end === this.base + chunk.length) {
        this.base = end;
        this.chunks.shift();
      }
    }
  }

  /** Hex digest of everything through the offset last advanced to. */
  hex(): string {
    return this.hash.copy().digest('hex');
  }
}
