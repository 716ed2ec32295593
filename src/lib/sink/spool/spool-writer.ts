/**
 * The writing end of a spool: numbers the records, begins new segments, writes and syncs by policy.
 * When the disk refuses, accepted records are not lost: they stay in the buffer and are retried.
 */
import { RECORD_HEP_PACKET, recordBytes, type SpoolRecord } from '../../format/spool/index.js';
import { syncDirectory } from './acknowledged.js';
import { SegmentWriter } from './segment-writer.js';
import type { Segment, Segments } from './segments.js';
import { segmentBytesOf, type SpoolOptions } from './spool-options.js';

const FLUSH_AFTER_MS = 20;
const RETRY_AFTER_MS = 500;
const NO_BYTES = Buffer.alloc(0);

export class SpoolWriter {
  /** Why the last write failed: an errno code; '' while writing works. */
  failure = '';
  private active: Segment | null = null;
  private begunAtMs = 0;
  private retryAtMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private syncing = false;
  private readonly retiring = new Set<Promise<void>>();
  private readonly segmentBytes: number;
  private readonly rollAfterMs: number;
  private readonly record: SpoolRecord = { number: 0, type: RECORD_HEP_PACKET, flags: 0, recordedAt: 0, payload: NO_BYTES };

  constructor(
    private readonly options: SpoolOptions,
    private readonly segments: Segments,
    public nextRecord: number,
    private readonly onNewSegment: () => void,
  ) {
    this.segmentBytes = segmentBytesOf(options);
    // The age limit works on whole segments, so none may span much of it.
    this.rollAfterMs = options.maxAgeSeconds === 0 ? Infinity : Math.max(1000, options.maxAgeSeconds * 125);
  }

  /** Why the last write failed, as a reason to count by; '' while writes work. */
  get refusal(): string {
    const { failure } = this;
    return failure === '' ? '' : failure === 'ENOSPC' || failure === 'EDQUOT' ? 'disk_full' : 'spool_write_failed';
  }

  get buffered(): number {
    return this.active?.writer?.bufferedRecords ?? 0;
  }

  /** Number of the first record that is only in the buffer. */
  get firstBuffered(): number {
    return this.buffered === 0 ? this.nextRecord : this.active!.writer!.firstBuffered;
  }

  /** Takes the payload as record `nextRecord`; false when the disk refuses (`failure` has the reason). */
  append(payload: Buffer, type: number): boolean {
    if (this.failure !== '' && this.options.clock.monotonic() < this.retryAtMs) return false;
    const { record } = this;
    record.number = this.nextRecord;
    record.type = type;
    record.recordedAt = this.options.clock.now();
    record.payload = payload;
    try {
      this.writerFor(recordBytes(payload.length)).append(record);
    } catch (error) {
      this.failed(error as NodeJS.ErrnoException);
      return false;
    } finally {
      record.payload = NO_BYTES;
    }
    this.nextRecord++;
    if (this.timer === null) this.timer = setTimeout(this.onTimer, this.options.sync === 'always' ? 0 : FLUSH_AFTER_MS);
    return true;
  }

  /** Writes what is buffered; false when the disk refuses. */
  flush(): boolean {
    if (this.buffered === 0) return true;
    if (this.failure !== '' && this.options.clock.monotonic() < this.retryAtMs) return false;
    const active = this.active!;
    try {
      active.writer!.flush();
    } catch (error) {
      this.failed(error as NodeJS.ErrnoException);
      return false;
    }
    this.succeeded();
    active.newestAtMs = this.options.clock.monotonic();
    return true;
  }

  /** Everything written so far is durable when this resolves, as far as the policy goes. */
  async sync(): Promise<void> {
    if (this.options.sync === 'never') return;
    try {
      await this.active?.writer?.sync();
    } catch (error) {
      this.failed(error as NodeJS.ErrnoException);
    }
  }

  /** The record with that number out of the buffer; null where it is not there. */
  bufferedRecord(number: number): SpoolRecord | null {
    return number < this.firstBuffered || number >= this.nextRecord ? null : this.active!.writer!.bufferedRecord(number);
  }

  /** Ends the segment; the next record begins a new one. */
  retire(): void {
    const segment = this.active;
    if (segment === null) return;
    const writer = segment.writer!;
    segment.bytes = writer.writtenBytes;
    segment.writer = null;
    this.active = null;
    const done = (this.options.sync === 'never' ? Promise.resolve() : writer.sync())
      .catch((error: NodeJS.ErrnoException) => this.failed(error))
      .then(() => writer.close())
      .catch((error: NodeJS.ErrnoException) => this.failed(error));
    this.retiring.add(done);
    void done.finally(() => this.retiring.delete(done));
  }

  /** False when buffered records could not be written and are lost. */
  async close(): Promise<boolean> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.retryAtMs = 0;
    const written = this.flush();
    this.retire();
    await Promise.all(this.retiring);
    return written;
  }

  private writerFor(bytes: number): SegmentWriter {
    const writer = this.active?.writer ?? null;
    if (writer !== null && writer.bytes + bytes <= this.segmentBytes && !this.isOld()) return writer;
    if (writer !== null) {
      writer.flush();
      this.retire();
    }
    const { clock, directory, sync } = this.options;
    const writing = SegmentWriter.create(this.segments.pathFor(this.nextRecord), this.nextRecord, clock.now());
    this.begunAtMs = clock.monotonic();
    this.active = this.segments.add(this.nextRecord, writing, this.begunAtMs);
    if (sync !== 'never') void syncDirectory(directory).catch((error: NodeJS.ErrnoException) => this.failed(error));
    this.onNewSegment();
    return writing;
  }

  private isOld(): boolean {
    return this.rollAfterMs !== Infinity && this.options.clock.monotonic() - this.begunAtMs > this.rollAfterMs;
  }

  private readonly onTimer = (): void => {
    this.timer = null;
    if (!this.flush()) {
      this.timer = setTimeout(this.onTimer, RETRY_AFTER_MS);
      return;
    }
    if (this.options.sync === 'always' && !this.syncing) void this.syncUntilClean();
  };

  /** One sync at a time; what is written meanwhile goes with the next. */
  private async syncUntilClean(): Promise<void> {
    this.syncing = true;
    while (this.active?.writer?.needsSync === true && this.failure === '') await this.sync();
    this.syncing = false;
  }

  private failed(error: NodeJS.ErrnoException): void {
    if (error.code === undefined) throw error;
    if (this.failure === '') this.options.log.error(`spool ${this.options.directory}: cannot write: ${error.message}`);
    this.failure = error.code;
    this.retryAtMs = this.options.clock.monotonic() + RETRY_AFTER_MS;
  }

  private succeeded(): void {
    if (this.failure === '') return;
    this.failure = '';
    this.options.log.info(`spool ${this.options.directory}: can be written again`);
  }
}
