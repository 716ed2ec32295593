/** Where the bytes of one capture file come from: fresh chunks, since payloads are kept as slices of them. */
import type { Readable } from 'node:stream';
import type { Fault } from '../../base/index.js';
import { FileBytes } from './file-bytes.js';
import { StreamBytes } from './stream-bytes.js';
import { SniffedBytes } from './sniffed-bytes.js';
import { openPipe } from './named-pipe.js';

export interface ByteSource {
  /** The next chunk, never written again; null at the end. Throws the operating system's error. */
  next(): Promise<Buffer | null>;
  /** Bytes taken so far as they lie on disk, packed or not. */
  readonly bytesRead: number;
  /** What broke the unpacking, or null. */
  readonly fault: Fault | null;
  /** A `next` that waits answers null soon; only `close` may follow. */
  abort(): void;
  close(): Promise<void>;
}

const CHUNK_BYTES = 1024 * 1024;

/** A regular file; throws the operating system's error. */
export async function openFile(path: string, chunkBytes = CHUNK_BYTES): Promise<ByteSource> {
  return new SniffedBytes(await FileBytes.open(path, chunkBytes));
}

/** A named pipe or a shell's `<(...)`: opened with the first `next`, which may wait for its writer. */
export function openNamedPipe(path: string): ByteSource {
  return new SniffedBytes(new StreamBytes(openPipe(path)));
}

export function openStream(stream: Readable): ByteSource {
  return new SniffedBytes(new StreamBytes({ open: async () => stream, abandon() {} }));
}
