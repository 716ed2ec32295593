/**
 * `-w FILE`: the frames of every message as they came, or synthetic ones where it has none (HEP). pcap while
 * one link type suffices; a second one turns a regular file into pcapng, in a pipe its frames are refused.
 */
import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { UsageError, type Frame, type Log, type Message, type Sink, type SinkCounts } from '../base/index.js';
import { FrameSynthesizer, PcapReader, PcapngWriter, pcapFileHeader, pcapRecordHeader } from '../format/index.js';

export interface CaptureFileOptions {
  /** Path, or `-` for standard output. */
  path: string;
  stdout: Writable;
  log: Log;
  /** The reader of the pipe went away. */
  onClosed: () => void;
}

const GATHER_BYTES = 262_144;

export class CaptureFileSink implements Sink {
  readonly name = 'file';
  private readonly output: FileOutput | PipeOutput;
  private readonly synthesizer = new FrameSynthesizer();
  private pcapng: PcapngWriter | null = null;
  private linkType = -1;
  private parts: Buffer[] = [];
  private gathered = 0;
  private gatheredMessages = 0;
  private delivered = 0;
  private written = 0;
  private refused = 0;
  private lost = 0;
  private reason = '';

  constructor(private readonly options: CaptureFileOptions) {
    this.output = options.path === '-' ? new PipeOutput(options.stdout, options.onClosed) : new FileOutput(options.path);
    if (options.path.endsWith('.pcapng')) this.startPcapng();
  }

  accept(message: Message): boolean {
    this.delivered++;
    const frames = message.frames.length > 0 ? message.frames : this.synthesizer.frames(message);
    for (const frame of frames) {
      if (!this.fits(frame)) {
        this.refused++;
        return true;
      }
    }
    for (const frame of frames) this.add(frame);
    this.gatheredMessages++;
    if (this.gathered >= GATHER_BYTES) this.push();
    return this.output.room();
  }

  ready(): Promise<void> {
    return this.output.ready();
  }

  async flush(): Promise<void> {
    this.push();
    await this.output.ready();
  }

  async close(): Promise<void> {
    // Even an empty capture is a capture file: readers expect its header.
    if (this.linkType < 0 && this.pcapng === null) this.parts.unshift(pcapFileHeader(1));
    await this.flush();
    await this.output.close();
  }

  counts(): SinkCounts {
    const reasons: Record<string, number> = {};
    if (this.refused > 0) reasons.link_type = this.refused;
    if (this.lost > 0) reasons[this.reason] = this.lost;
    return { delivered: this.delivered, written: this.written, refused: this.refused, waiting: this.gatheredMessages, lost: this.lost, reasons };
  }

  /** Opens the format with the first frame; answers false where a frame cannot go into it. */
  private fits(frame: Frame): boolean {
    if (this.pcapng !== null || frame.linkType === this.linkType) return true;
    if (this.linkType < 0) {
      this.linkType = frame.linkType;
      this.keep(pcapFileHeader(frame.linkType));
      return true;
    }
    if (this.output instanceof PipeOutput) return false;
    this.push();
    this.convert(this.output);
    return true;
  }

  private add(frame: Frame): void {
    if (this.pcapng !== null) {
      for (const part of this.pcapng.packet(frame)) this.keep(part);
      return;
    }
    this.keep(pcapRecordHeader(frame));
    this.keep(frame.bytes.subarray(frame.from, frame.to));
  }

  private keep(part: Buffer): void {
    this.parts.push(part);
    this.gathered += part.length;
  }

  private push(): void {
    if (this.parts.length === 0) return;
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    this.gathered = 0;
    const problem = this.output.write(bytes);
    if (problem === '') this.written += this.gatheredMessages;
    else {
      this.lost += this.gatheredMessages;
      if (this.reason === '' && problem !== 'closed_pipe') this.options.log.error(`${this.options.path}: ${problem}: messages are lost`);
      this.reason = problem === 'closed_pipe' ? problem : 'write_failed';
    }
    this.gatheredMessages = 0;
  }

  private startPcapng(): void {
    this.pcapng = new PcapngWriter();
    this.keep(this.pcapng.fileHeader());
  }

  /** Writes what the pcap file holds so far once more, as pcapng, and puts that in its place. */
  private convert(output: FileOutput): void {
    const reader = new PcapReader();
    reader.push(readFileSync(output.path));
    this.startPcapng();
    const frame: Frame = { linkType: 0, bytes: Buffer.alloc(0), from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
    while (reader.next(frame)) this.add(frame);
    const aside = new FileOutput(`${output.path}.pcapng-part`);
    aside.write(Buffer.concat(this.parts));
    this.parts = [];
    this.gathered = 0;
    output.replaceBy(aside);
  }
}

/** A regular file, written at once: the page cache is faster than any queue of ours. */
class FileOutput {
  private descriptor: number;

  constructor(readonly path: string) {
    try {
      this.descriptor = openSync(path, 'w');
    } catch (error) {
      throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
    }
  }

  write(bytes: Buffer): string {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  }

  replaceBy(other: FileOutput): void {
    closeSync(this.descriptor);
    renameSync(other.path, this.path);
    this.descriptor = other.descriptor;
  }

  room(): boolean {
    return true;
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {
    closeSync(this.descriptor);
  }
}

/** Standard output: waits for its reader, and ends quietly when that goes away. */
class PipeOutput {
  private closed = false;
  private drained: Promise<void> | null = null;

  constructor(private readonly stream: Writable, onClosed: () => void) {
    stream.on('error', () => {
      if (!this.closed) onClosed();
      this.closed = true;
    });
  }

  write(bytes: Buffer): string {
    if (this.closed) return 'closed_pipe';
    if (!this.stream.write(bytes)) {
      this.drained ??= new Promise((resolve) => {
        const done = () => {
          this.drained = null;
          resolve();
        };
        this.stream.once('drain', done).once('error', done);
      });
    }
    return '';
  }

  room(): boolean {
    return this.drained === null;
  }

  async ready(): Promise<void> {
    if (this.drained !== null) await this.drained;
  }

  async close(): Promise<void> {
    await this.ready();
    if (!this.closed) await new Promise<void>((resolve) => void this.stream.write('', () => resolve()));
  }
}
