/**
 * `-w FILE` rotated, as by tcpdump's -C, -G and -W: a new file when one is large or old enough, the latest of them kept,
 * compressed when finished. Each file is a complete capture; a message is in one of them.
 */
import { createReadStream, createWriteStream, existsSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { UsageError, type Clock, type Frame, type Message, type Sink, type SinkCounts } from '../../base/index.js';
import { CaptureFileSink, type CaptureFileOptions, type FrameWriter } from './capture-file-sink.js';

export interface RotationOptions {
  /** Bytes after which a file is finished; 0 for no limit. */
  maxBytes: number;
  /** Seconds after which a file is finished; 0 for no limit. */
  everySeconds: number;
  /** Number of latest files kept; 0 keeps all. */
  keep: number;
  /** Compress finished files to .gz. */
  compress: boolean;
}

export function rotates({ maxBytes, everySeconds }: RotationOptions): boolean {
  return maxBytes > 0 || everySeconds > 0;
}

/** Files that may wait to be closed. */
const MAX_ENDING = 8;
const RECORD_BYTES = 16;
/** Ethernet, IPv6 and TCP headers of synthetic frames. */
const HEADER_BYTES = 74;

export class RotatingFile implements Sink, FrameWriter {
  readonly name = 'file';
  private current!: CaptureFileSink;
  private path = '';
  private openedAt = 0;
  private bytes = 0;
  private number = 0;
  private lastStem = '';
  private closing: Promise<void> = Promise.resolve();
  /** Finished files, the oldest first. */
  private readonly files: string[] = [];
  private readonly done: SinkCounts = { delivered: 0, written: 0, refused: 0, waiting: 0, lost: 0, reasons: {} };
  private readonly ending = new Set<CaptureFileSink>();
  private stopped = false;

  /** `expand` makes a name from `options.path` (strftime, UTC) and a time in microseconds since 1970. */
  constructor(
    private readonly options: CaptureFileOptions,
    private readonly rotation: RotationOptions,
    private readonly clock: Clock,
    private readonly expand: (pattern: string, at: number) => string,
  ) {
    if (options.path === '-') throw new UsageError('standard output cannot be rotated: -C and -G need -w FILE');
    if (rotation.everySeconds > 0 && rotation.maxBytes === 0 && !options.path.includes('%'))
      throw new UsageError('with -G the name needs a time, or each file would overwrite the last: -w trace-%Y%m%d-%H%M%S.pcap');
    if (rotation.keep === 1 && rotation.maxBytes > 0)
      throw new UsageError('-W 1 with -C would keep nothing but the file being written: keep 2 or more');
    this.begin();
  }

  frame(frame: Frame): void {
    this.rotateIfDue();
    if (!this.current.isFailing) this.bytes += frame.to - frame.from + RECORD_BYTES;
    this.current.frame(frame);
  }

  accept(message: Message): boolean {
    if (this.options.everyFrame !== true) {
      this.rotateIfDue();
      if (!this.current.isFailing) this.bytes += bytesOf(message);
    }
    return this.current.accept(message) && !this.isBehind;
  }

  async ready(): Promise<void> {
    while (this.isBehind) await this.closing;
    await this.current.ready();
  }

  /** Too many files wait to be closed (and compressed) to reuse a name of the ring: the current one continues to grow. */
  private get isBehind(): boolean {
    return this.ending.size >= (this.isRing ? this.rotation.keep - 1 : MAX_ENDING);
  }

  /** The names are reused: the newest file overwrites the oldest. */
  private get isRing(): boolean {
    return this.rotation.keep > 0 && this.rotation.maxBytes > 0 && !this.options.path.includes('%');
  }

  flush(): Promise<void> {
    return this.current.flush();
  }

  async close(): Promise<void> {
    this.stopped = true;
    this.finish(this.current, this.path);
    await this.closing;
  }

  counts(): SinkCounts {
    const all: SinkCounts = { ...this.done, reasons: { ...this.done.reasons } };
    for (const sink of this.stopped ? this.ending : [this.current, ...this.ending]) add(all, sink.counts());
    return all;
  }

  private begin(): void {
    this.openedAt = this.clock.now();
    this.bytes = 0;
    this.path = this.nextPath();
    this.current = new CaptureFileSink({ ...this.options, path: this.path });
  }

  /** tcpdump's names: a number after the name from the second file on, zero-padded if a limited number of files is kept. */
  private nextPath(): string {
    const stem = this.expand(this.options.path, this.openedAt);
    if (stem !== this.lastStem) this.number = 0;
    this.lastStem = stem;
    const { keep, maxBytes } = this.rotation;
    const number = this.number++;
    if (maxBytes === 0) return stem;
    if (this.isRing) return `${stem}${String(number % keep).padStart(String(keep - 1).length, '0')}`;
    return number === 0 ? stem : `${stem}${number}`;
  }

  /** Where nothing can be written, another file would remain empty, unless it makes room by replacing one. */
  private rotateIfDue(): void {
    const { maxBytes, everySeconds } = this.rotation;
    const isDue = (maxBytes > 0 && this.bytes >= maxBytes) || (everySeconds > 0 && this.clock.now() - this.openedAt >= everySeconds * 1e6);
    if (isDue && !this.isBehind && (!this.current.isFailing || this.rotation.keep > 0)) this.rotate();
  }

  private rotate(): void {
    this.finish(this.current, this.path);
    this.begin();
  }

  private finish(sink: CaptureFileSink, path: string): void {
    this.ending.add(sink);
    this.closing = this.closing.then(async () => {
      await sink.close();
      // Only then may its name be reused.
      if (this.rotation.compress) await this.compress(path);
      this.ending.delete(sink);
      add(this.done, sink.counts());
      if (this.isRing) return;
      this.files.push(path);
      this.dropOldest();
    });
  }

  private async compress(path: string): Promise<void> {
    try {
      await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`));
      rmSync(path);
    } catch (error) {
      this.options.log.error(`${path} was not compressed: ${(error as Error).message}`);
    }
  }

  private dropOldest(): void {
    const { keep } = this.rotation;
    while (keep > 0 && this.files.length + this.ending.size + (this.stopped ? 0 : 1) > keep && this.files.length > 0) {
      const oldest = this.files.shift()!;
      for (const path of [oldest, `${oldest}.gz`]) if (existsSync(path)) rmSync(path, { force: true });
    }
  }
}

function bytesOf(message: Message): number {
  if (message.frames.length === 0) return message.payload.length + HEADER_BYTES + RECORD_BYTES;
  return message.frames.reduce((sum, { from, to }) => sum + to - from + RECORD_BYTES, 0);
}

function add(sum: SinkCounts, more: SinkCounts): void {
  sum.delivered += more.delivered;
  sum.written += more.written;
  sum.refused += more.refused;
  sum.waiting += more.waiting;
  sum.lost += more.lost;
  for (const [reason, count] of Object.entries(more.reasons)) sum.reasons[reason] = (sum.reasons[reason] ?? 0) + count;
}
