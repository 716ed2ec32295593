/** Opens the bytes of a capture file: a regular file, a named pipe, standard input. */
import type { Readable } from 'node:stream';
import type { ByteSource } from './byte-source.js';
import { FileBytes } from './file-bytes.js';
import { openPipe } from './named-pipe.js';
import { SniffedBytes } from './sniffed-bytes.js';
import { StreamBytes } from './stream-bytes.js';

const CHUNK_BYTES = 256 * 1024;

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
