/** The bytes of one capture file: new chunks each time, since payloads are kept as slices of them. */
import type { Fault } from '../../base/index.js';

export interface ByteSource {
  /** The next chunk, never overwritten; null at the end. Throws the operating system's error. */
  next(): Promise<Buffer | null>;
  /** Bytes read so far as they are on disk, compressed or not. */
  readonly bytesRead: number;
  /** What broke the decompression, or null. */
  readonly fault: Fault | null;
  /** At most `bytes` bytes as they are on disk, whatever `next` has read; absent for pipes. */
  readAt?(atByte: number, bytes: number): Promise<Buffer>;
  /** A waiting `next` soon returns null; only `close` may follow. */
  abort(): void;
  close(): Promise<void>;
}
