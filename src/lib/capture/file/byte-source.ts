/**
 * The bytes of one capture file in fresh chunks (payloads are kept as slices of them): from disk, from
 * standard input while it is still being written, unpacked where the first bytes say gzip or zstd.
 */
import { createGunzip } from 'node:zlib';
import { open, type FileHandle } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { fault, type Fault } from '../../base/index.js';
import { SNIFF_BYTES, sniff, type FileKind } from '../../format/index.js';
import { unzstd } from './zstd.js';

const CHUNK_BYTES = 1024 * 1024;

export interface ByteSource {
  /** The next chunk, or null at the end. */
  next(): Promise<Buffer | null>;
  /** Bytes read so far as they lie on disk, packed or not. */
  readonly bytesRead: number;
  /** What broke the unpacking, or null. */
  readonly fault: Fault | null;
  close(): Promise<void>;
}

/** Opens a path; throws the operating system's error. */
export async function openPath(path: string, chunkBytes = CHUNK_BYTES): Promise<ByteSource> {
  const handle = await open(path, 'r');
  try {
    return await unpacked(new FileBytes(handle, chunkBytes));
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export function openStream(stream: Readable): Promise<ByteSource> {
  return unpacked(new StreamBytes(stream));
}

async function unpacked(raw: ByteSource): Promise<ByteSource> {
  let first = await raw.next();
  while (first !== null && first.length < SNIFF_BYTES) {
    const more = await raw.next();
    if (more === null) break;
    first = Buffer.concat([first, more]);
  }
  const kind: FileKind = first === null ? 'unknown' : sniff(first);
  const whole = new Prefixed(first, raw);
  if (kind !== 'gzip' && kind !== 'zstd') return whole;
  return new Unpacked(whole, kind);
}

class FileBytes implements ByteSource {
  bytesRead = 0;
  readonly fault = null;

  constructor(private readonly handle: FileHandle, private readonly chunkBytes: number) {}

  async next(): Promise<Buffer | null> {
    const chunk = Buffer.allocUnsafeSlow(this.chunkBytes);
    const { bytesRead } = await this.handle.read(chunk, 0, this.chunkBytes, null);
    if (bytesRead === 0) return null;
    this.bytesRead += bytesRead;
    return chunk.subarray(0, bytesRead);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

class StreamBytes implements ByteSource {
  bytesRead = 0;
  readonly fault = null;
  private readonly chunks: AsyncIterator<Buffer>;

  constructor(private readonly stream: Readable) {
    this.chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async next(): Promise<Buffer | null> {
    const { value, done } = await this.chunks.next();
    if (done === true) return null;
    this.bytesRead += value.length;
    return value;
  }

  async close(): Promise<void> {
    this.stream.destroy();
  }
}

/** Puts the sniffed chunk back in front. */
class Prefixed implements ByteSource {
  constructor(private first: Buffer | null, private readonly rest: ByteSource) {}

  get bytesRead(): number {
    return this.rest.bytesRead;
  }

  get fault(): Fault | null {
    return this.rest.fault;
  }

  async next(): Promise<Buffer | null> {
    if (this.first === null) return this.rest.next();
    const { first } = this;
    this.first = null;
    return first;
  }

  close(): Promise<void> {
    return this.rest.close();
  }
}

/** Pumps packed bytes through a decompressor and hands out what comes; a broken pack ends it with a fault. */
class Unpacked implements ByteSource {
  fault: Fault | null = null;
  private readonly output: Readable;
  private readonly chunks: AsyncIterator<Buffer>;
  private unpackedBytes = 0;

  constructor(private readonly packed: ByteSource, private readonly kind: 'gzip' | 'zstd') {
    const unpacker = kind === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : null;
    const passed = new PassThrough({ highWaterMark: CHUNK_BYTES });
    this.output = unpacker ?? passed;
    const fail = (error: Error) => this.output.destroy(error);
    if (unpacker === null) void unzstd(() => this.packed.next(), passed).catch(fail);
    else void this.pump(unpacker).catch(fail);
    this.chunks = this.output[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  get bytesRead(): number {
    return this.packed.bytesRead;
  }

  async next(): Promise<Buffer | null> {
    try {
      const { value, done } = await this.chunks.next();
      if (done === true) return null;
      this.unpackedBytes += value.length;
      return value;
    } catch {
      const code = (await this.packed.next().catch(() => null)) === null ? 'cut' : 'decompress_failed';
      this.fault = fault(code, `${this.kind} data`, this.unpackedBytes);
      return null;
    }
  }

  async close(): Promise<void> {
    this.output.destroy();
    await this.packed.close();
  }

  private async pump(unpacker: ReturnType<typeof createGunzip>): Promise<void> {
    for (let chunk = await this.packed.next(); chunk !== null; chunk = await this.packed.next()) {
      if (unpacker.destroyed) return;
      if (!unpacker.write(chunk)) await new Promise<void>((resolve) => unpacker.once('drain', resolve).once('close', resolve));
    }
    unpacker.end();
  }
}
