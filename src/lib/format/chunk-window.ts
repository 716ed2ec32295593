/** A moving window over a stream of chunks: records are read in place, only one that straddles two chunks is joined. */

const NOTHING = Buffer.alloc(0);

export class ChunkWindow {
  /** The bytes in hand; `at` is the first unread one. */
  bytes: Buffer = NOTHING;
  at = 0;
  /** Offset of `bytes[0]` in the stream. */
  base = 0;
  private later: Buffer[] = [];
  private laterLength = 0;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.at === this.bytes.length && this.later.length === 0) {
      this.base += this.bytes.length;
      this.bytes = chunk;
      this.at = 0;
      return;
    }
    this.later.push(chunk);
    this.laterLength += chunk.length;
  }

  /** True when `length` bytes from `at` on are in hand, joining chunks where needed. */
  has(length: number): boolean {
    if (this.bytes.length - this.at >= length) return true;
    if (this.bytes.length - this.at + this.laterLength < length) return false;
    this.bytes = Buffer.concat([this.bytes.subarray(this.at), ...this.later]);
    this.base += this.at;
    this.at = 0;
    this.later = [];
    this.laterLength = 0;
    return true;
  }

  /** Unread bytes, joined or not. */
  left(): number {
    return this.bytes.length - this.at + this.laterLength;
  }

  /** Offset of the first unread byte in the stream. */
  offset(): number {
    return this.base + this.at;
  }
}
