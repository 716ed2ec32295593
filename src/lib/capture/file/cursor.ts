/** One open capture file: records one after the other, and where it stands. */
import { fault, faultText, type Fault, type Frame } from '../../base/index.js';
import { readerFor, sniff, type CaptureReader } from '../../format/index.js';
import type { ByteSource } from './byte-source.js';
import { RunningDigest } from './digest.js';

export interface CursorPosition {
  head: string;
  frame: number;
  bytes: number;
  digest: string;
}

export class FileCursor {
  /** The record that `advance` read last. */
  readonly frame: Frame = {
    linkType: 0, bytes: Buffer.alloc(0), from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0,
  };
  private reader: CaptureReader | null = null;
  private readonly digest: RunningDigest | null;
  private head = '';
  private delivered = { frame: 0, bytes: 0 };
  private streamBytes = 0;
  private ended = false;

  constructor(private readonly source: ByteSource, sourceIndex: number, digests: boolean) {
    this.frame.sourceIndex = sourceIndex;
    this.digest = digests ? new RunningDigest() : null;
  }

  /** Reads the next record that is in hand into `frame`; false where more bytes must be fetched first. */
  advance(): boolean {
    return this.reader !== null && this.reader.next(this.frame);
  }

  /** The record in `frame` goes out now: positions count it from here on. */
  take(): void {
    this.delivered.frame = this.frame.number;
    this.delivered.bytes = this.reader!.bytesThrough;
    if (this.head === '' && this.digest !== null) {
      this.digest.advance(this.delivered.bytes);
      this.head = this.digest.hex();
    }
  }

  /** Fetches more bytes; false at the end. */
  async fetch(): Promise<boolean> {
    if (this.ended || this.reader?.broken != null) return false;
    const chunk = await this.source.next();
    if (chunk === null) {
      this.ended = true;
      return false;
    }
    this.streamBytes += chunk.length;
    this.reader ??= readerFor(sniff(chunk));
    if (this.reader === null) {
      this.ended = true;
      return false;
    }
    if (this.digest !== null) {
      this.digest.advance(this.delivered.bytes);
      this.digest.push(chunk);
    }
    this.reader.push(chunk);
    return true;
  }

  position(): CursorPosition {
    const { frame, bytes } = this.delivered;
    if (this.digest === null) return { head: '', frame, bytes, digest: '' };
    this.digest.advance(bytes);
    return { head: this.head, frame, bytes, digest: this.digest.hex() };
  }

  get framesTaken(): number {
    return this.delivered.frame;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  /** Length of the (unpacked) stream so far. */
  get length(): number {
    return this.streamBytes;
  }

  /** What was wrong with the file, '' where it was read through without a fault. */
  problem(): string {
    const found = this.whatIsWrong();
    return found === null ? '' : faultText(found);
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private whatIsWrong(): Fault | null {
    if (this.source.fault !== null) return this.source.fault;
    if (this.reader !== null) return this.reader.broken ?? (this.ended ? this.reader.end() : null);
    if (!this.ended) return null;
    return this.streamBytes === 0 ? fault('too_short', 'capture file', 0, 24, 0) : fault('bad_magic', 'capture file', 0);
  }
}
