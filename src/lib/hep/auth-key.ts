/** The authentication key of a packet (chunk 0x000e), compared in constant time; senders pad keys with NULs. */
import { timingSafeEqual } from 'node:crypto';

export class AuthKey {
  private readonly key: Buffer;
  /** The received key, cut or padded to the length of ours, so that every comparison takes equally long. */
  private readonly given: Buffer;

  constructor(key: Buffer) {
    this.key = Buffer.from(key);
    this.given = Buffer.alloc(key.length);
  }

  /** True if `bytes[from, to)` is the key; `from` is -1 if the packet carries none. */
  agrees(bytes: Buffer, from: number, to: number): boolean {
    let end = to;
    while (end > from && bytes[end - 1] === 0) end--;
    this.given.fill(0);
    if (from >= 0) bytes.copy(this.given, 0, from, Math.min(end, from + this.key.length));
    const same = timingSafeEqual(this.given, this.key);
    return same && from >= 0 && end - from === this.key.length;
  }
}
