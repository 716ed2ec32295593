/** A moving window over a stream of chunks: records are read in place, only one that straddles chunks is copied. */

const NOTHING = Buffer.alloc(0);

export class ChunkWindow {
  /** The buffered bytes; `at` is the first unread one. */
  bytes: Buffer = NOTHING;
  at = 0;
  /** Offset of `bytes[0]` in the stream. */
  base = 0;
  /** Chunks after `bytes`. */
  private later: Buffer[] = [];
  private laterLength = 0;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.later.push(chunk);
    this.laterLength += chunk.length;
  }

  /** True if `length` bytes from `at` on are buffered. */
  has(length: number): boolean {
    return this.bytes.length - this.at >= length || this.bring(length);
  }

  /** Unread bytes, in `bytes` and in the chunks after it. */
  left(): number {
    return this.bytes.length - this.at + this.laterLength;
  }

  /** Offset of the first unread byte in the stream. */
  offset(): number {
    return this.base + this.at;
  }

  private bring(length: number): boolean {
    if (this.left() < length) return false;
    if (this.at === this.bytes.length) this.become(this.later.shift()!);
    if (this.bytes.length - this.at < length) this.join(length);
    return true;
  }

  /** All of `bytes` is read: the next chunk replaces it. */
  private become(chunk: Buffer): void {
    this.base += this.bytes.length;
    this.laterLength -= chunk.length;
    this.bytes = chunk;
    this.at = 0;
  }

  /** Copies exactly the requested bytes into one buffer, so that what follows is read in place again. */
  private join(length: number): void {
    const joined = Buffer.allocUnsafeSlow(length);
    let filled = this.bytes.copy(joined, 0, this.at);
    let used = 0;
    while (filled < length) {
      const chunk = this.later[used];
      const copied = chunk.copy(joined, filled);
      filled += copied;
      this.laterLength -= copied;
      if (copied === chunk.length) used++;
      else this.later[used] = chunk.subarray(copied);
    }
    this.later.splice(0, used);
    this.base += this.at;
    this.bytes = joined;
    this.at = 0;
  }
}
