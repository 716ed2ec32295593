/** One open capture file: its records in order, and the current position. */
import { setImmediate } from 'node:timers/promises';
import { emptyFrame, fault, faultText, type Fault } from '../../base/index.js';
import { isReadLinkType, linkTypeText } from '../../decode/index.js';
import { SNIFF_BYTES, readerFor, sniff, type CaptureReader } from '../../format/index.js';
import type { ByteSource } from './byte-source.js';
import { RunningDigest } from './digest.js';
import { Marks } from './marks.js';
import { openProblem } from './open-problem.js';

export interface CursorPosition {
  head: string;
  frame: number;
  bytes: number;
  digest: string;
  /** Digests taken along the file up to there. */
  marks: string;
}

const FILE_HEADER_BYTES = 24;

/** What `call export --format hep` writes begins so. */
const HEP3 = 'HEP3';

export class FileCursor {
  /** The record that `advance` read last. */
  readonly frame = emptyFrame();
  /** Record and bytes delivered last. */
  framesTaken = 0;
  private bytesTaken = 0;
  /** Length of the (decompressed) stream so far. */
  length = 0;
  private reader: CaptureReader | null = null;
  private first: Buffer | null = null;
  private readonly digest: RunningDigest | null;
  private readonly marks = new Marks();
  private head = '';
  private ended = false;
  private aborted = false;
  private failure = '';
  /** Of the last frame: link types are looked up when they change. */
  private linkType = -1;
  /** Unsupported link types, with their frame counts. */
  private readonly unread = new Map<number, number>();

  constructor(
    private readonly source: ByteSource,
    sourceIndex: number,
    digests: boolean,
  ) {
    this.frame.sourceIndex = sourceIndex;
    this.digest = digests ? new RunningDigest() : null;
  }

  /** Reads the next buffered record into `frame`; false if more bytes must be fetched first. */
  advance(): boolean {
    return this.reader !== null && this.reader.next(this.frame);
  }

  /** Fetches until another record is in `frame`; false at the end. */
  async fetchRecord(): Promise<boolean> {
    while (await this.fetch()) if (this.advance()) return true;
    return false;
  }

  /** The record in `frame` is delivered now: positions include it from here on. */
  take(): void {
    this.framesTaken = this.frame.number;
    this.bytesTaken = this.reader!.bytesThrough;
    const { linkType } = this.frame;
    if (linkType !== this.linkType || this.unread.size > 0) this.noteLinkType(linkType);
    if (this.digest !== null && this.marks.due(this.bytesTaken)) {
      this.digest.advance(this.bytesTaken);
      const digest = this.digest.hex();
      if (this.head === '') this.head = digest;
      this.marks.add(this.bytesTaken, digest);
    }
  }

  position(): CursorPosition {
    const { framesTaken: frame, bytesTaken: bytes } = this;
    if (this.digest === null) return { head: '', frame, bytes, digest: '', marks: '' };
    this.digest.advance(bytes);
    return { head: this.head, frame, bytes, digest: this.digest.hex(), marks: this.marks.text };
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  /** The problem with the file, '' if it was read without a fault so far. */
  problem(): string {
    if (this.failure !== '') return this.failure;
    const found = this.whatIsWrong();
    return [found === null ? '' : faultText(found), this.linkTypeProblem()].filter((text) => text !== '').join('; ');
  }

  /** A file that is not read to its end is not truncated. */
  abort(): void {
    this.aborted = true;
    this.source.abort();
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private noteLinkType(linkType: number): void {
    this.linkType = linkType;
    if (!isReadLinkType(linkType)) this.unread.set(linkType, (this.unread.get(linkType) ?? 0) + 1);
  }

  private linkTypeProblem(): string {
    return [...this.unread].map(([linkType, frames]) => `unsupported link type ${linkTypeText(linkType)} (frames: ${frames})`).join('; ');
  }

  private async fetch(): Promise<boolean> {
    if (this.ended || this.reader?.broken != null) return false;
    const chunk = await this.nextChunk();
    if (chunk === null) {
      this.ended = true;
      return false;
    }
    this.length += chunk.length;
    if (this.digest !== null) {
      this.digest.advance(this.bytesTaken);
      this.digest.push(chunk);
    }
    if (this.reader === null) return this.begin(chunk);
    this.reader.push(chunk);
    return true;
  }

  private async nextChunk(): Promise<Buffer | null> {
    try {
      const chunk = await this.source.next();
      // Buffered bytes need no turn of the event loop: yield to signals and sockets here.
      await setImmediate();
      return chunk;
    } catch (error) {
      this.failure = openProblem(error as NodeJS.ErrnoException);
      return null;
    }
  }

  private begin(chunk: Buffer): boolean {
    this.first = this.first === null ? chunk : Buffer.concat([this.first, chunk]);
    if (this.first.length < SNIFF_BYTES) return true;
    this.reader = readerFor(sniff(this.first));
    this.ended = this.reader === null;
    this.reader?.push(this.first);
    return !this.ended;
  }

  private whatIsWrong(): Fault | null {
    if (this.source.fault !== null && !this.aborted) return this.source.fault;
    if (this.reader !== null) return this.reader.broken ?? (this.ended && !this.aborted ? this.reader.end() : null);
    if (!this.ended || this.aborted) return null;
    if (this.length < SNIFF_BYTES) return fault('too_short', 'capture file', 0, FILE_HEADER_BYTES, this.length);
    return fault(this.first?.toString('latin1', 0, HEP3.length) === HEP3 ? 'hep_stream' : 'bad_magic', 'capture file', 0);
  }
}
