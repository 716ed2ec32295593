/**
 * Appends records to one segment file. Records gather in a buffer and go out with one write; what the
 * file holds for certain is known at every moment, so a write that failed half-way (disk full) is
 * repeated at the same place and leaves no torn record.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import {
  SALT_BYTES,
  recordBytes,
  recordEnd,
  readRecord,
  sealOf,
  writeRecord,
  writeSegmentHeader,
  type RecordSeal,
  type SpoolRecord,
} from '../../format/spool/index.js';
import { giveToOwnerOf } from './access.js';

const BUFFER_BYTES = 256 * 1024;

export class SegmentWriter {
  /** Bytes that are certainly written. */
  writtenBytes = 0;
  /** Written since the last sync began. */
  needsSync = false;
  /** Records in the buffer, and the number of the first of them. */
  bufferedRecords = 0;
  firstBuffered = 0;
  private buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private used = 0;
  private syncs: Promise<void> | null = null;

  private constructor(
    readonly path: string,
    readonly firstRecord: number,
    private readonly descriptor: number,
    private readonly seal: RecordSeal,
  ) {}

  /** Creates the file, which must not exist; throws the system's error if that fails. */
  static create(path: string, firstRecord: number, createdAt: number): SegmentWriter {
    const salt = randomBytes(SALT_BYTES);
    const descriptor = openSync(path, 'wx', 0o640);
    const writer = new SegmentWriter(path, firstRecord, descriptor, sealOf(salt));
    try {
      giveToOwnerOf(path, descriptor);
      writer.writeAll(writeSegmentHeader({ firstRecord, createdAt, salt }));
    } catch (error) {
      closeSync(descriptor);
      unlinkSync(path);
      throw error;
    }
    return writer;
  }

  /** Size including the records in the buffer. */
  get bytes(): number {
    return this.writtenBytes + this.used;
  }

  /** Takes the record; throws the system's error if the buffer is full and cannot be written. */
  append(record: SpoolRecord): void {
    const bytes = recordBytes(record.payload.length);
    if (this.used + bytes > this.buffer.length) this.flush();
    if (bytes > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(bytes);
    if (this.bufferedRecords === 0) this.firstBuffered = record.number;
    this.used = writeRecord(this.buffer, this.used, record, this.seal);
    this.bufferedRecords++;
  }

  /** Writes the buffer; throws the system's error and keeps everything if that fails. */
  flush(): void {
    if (this.used === 0) return;
    this.writeAll(this.buffer.subarray(0, this.used));
    this.used = 0;
    this.bufferedRecords = 0;
    this.needsSync = true;
  }

  /** A copy of the buffered record with that number, which is one of them. */
  bufferedRecord(number: number): SpoolRecord {
    let at = 0;
    for (let earlier = this.firstBuffered; earlier < number; earlier++) at = recordEnd(this.buffer, at);
    const record = readRecord(this.buffer, at);
    return { ...record, payload: Buffer.from(record.payload) };
  }

  /** Resolves when everything written so far is on disk. */
  async sync(): Promise<void> {
    while (this.syncs !== null) await this.syncs;
    if (!this.needsSync) return;
    this.needsSync = false;
    this.syncs = new Promise<void>((resolve, reject) => {
      fdatasync(this.descriptor, (error) => {
        this.syncs = null;
        if (error === null) return resolve();
        this.needsSync = true;
        reject(error);
      });
    });
    await this.syncs;
  }

  async close(): Promise<void> {
    while (this.syncs !== null) await this.syncs.catch(() => undefined);
    closeSync(this.descriptor);
  }

  private writeAll(bytes: Buffer): void {
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.descriptor, bytes, done, bytes.length - done, this.writtenBytes + done);
    } catch (error) {
      this.cutBack();
      throw error;
    }
    this.writtenBytes += bytes.length;
  }

  /** If even this fails the next write still goes to the same place. */
  private cutBack(): void {
    try {
      ftruncateSync(this.descriptor, this.writtenBytes);
    } catch {
      return;
    }
  }
}
