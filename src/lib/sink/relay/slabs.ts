/**
 * Large buffers used again and again: pieces of a stream are made and dropped at hundreds of megabytes a
 * second, faster than the garbage collector finds it worth its while to come.
 */
const SLAB_BYTES = 320 * 1024;
const MAX_FREE = 32;
/** Below this a buffer of its own is cheaper to keep. */
const MIN_BYTES = 64 * 1024;

export class Slabs {
  private readonly free: Buffer[] = [];

  /** A buffer of exactly that many bytes, its content undefined. */
  take(bytes: number): Buffer {
    if (bytes < MIN_BYTES || bytes > SLAB_BYTES) return Buffer.allocUnsafe(bytes);
    return (this.free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)).subarray(0, bytes);
  }

  /** Gives back a buffer that nobody looks at any more. */
  give(bytes: Buffer): void {
    const { buffer } = bytes;
    if (buffer.byteLength === SLAB_BYTES && this.free.length < MAX_FREE) this.free.push(Buffer.from(buffer));
  }
}
