/**
 * Large buffers that are reused: pieces of a stream are created and dropped at hundreds of megabytes a second, faster than
 * the garbage collector reclaims them.
 */
const SLAB_BYTES = 320 * 1024;
const MAX_FREE = 32;
/** Below this an ordinary buffer is cheaper. */
const MIN_BYTES = 64 * 1024;

export class Slabs {
  private readonly free: Buffer[] = [];

  /** A buffer of exactly that many bytes, its content undefined. */
  take(bytes: number): Buffer {
    if (bytes < MIN_BYTES || bytes > SLAB_BYTES) return Buffer.allocUnsafe(bytes);
    return (this.free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)).subarray(0, bytes);
  }

  /** Returns a buffer that is no longer referenced. */
  give(bytes: Buffer): void {
    const { buffer } = bytes;
    if (buffer.byteLength === SLAB_BYTES && this.free.length < MAX_FREE) this.free.push(Buffer.from(buffer));
  }
}
