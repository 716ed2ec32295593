/** A regular file, read one chunk ahead so that the disk and the decoder work at the same time. */
import { open, type FileHandle } from 'node:fs/promises';
import type { ByteSource } from './byte-source.js';

export class FileBytes implements ByteSource {
  bytesRead = 0;
  readonly fault = null;
  private ahead: Promise<Buffer | null> | null = null;
  /** Space left unused by a short read. */
  private spare: Buffer | null = null;

  private constructor(
    private readonly handle: FileHandle,
    private readonly chunkBytes: number,
  ) {}

  static async open(path: string, chunkBytes: number): Promise<FileBytes> {
    return new FileBytes(await open(path, 'r'), chunkBytes);
  }

  async next(): Promise<Buffer | null> {
    const chunk = await (this.ahead ?? this.read());
    this.ahead = null;
    if (chunk === null) return null;
    this.bytesRead += chunk.length;
    // A short chunk is the last one: nothing is read ahead for the many small files of a set.
    if (chunk.length === this.chunkBytes) {
      this.ahead = this.read();
      // If it is no longer needed, its error is ignored.
      this.ahead.catch(() => {});
    }
    return chunk;
  }

  async readAt(atByte: number, bytes: number): Promise<Buffer> {
    const { bytesRead, buffer } = await this.handle.read(Buffer.allocUnsafe(bytes), 0, bytes, atByte);
    return buffer.subarray(0, bytesRead);
  }

  abort(): void {}

  close(): Promise<void> {
    return this.handle.close();
  }

  private async read(): Promise<Buffer | null> {
    const room = this.spare ?? Buffer.allocUnsafeSlow(this.chunkBytes);
    this.spare = null;
    const { bytesRead } = await this.handle.read(room, 0, room.length, null);
    if (bytesRead === 0) return null;
    if (bytesRead > room.length / 2) return room.subarray(0, bytesRead);
    // A kept payload would retain the whole buffer: a short read is copied.
    this.spare = room;
    return Buffer.from(room.subarray(0, bytesRead));
  }
}
