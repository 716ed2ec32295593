/**
 * `-w FILE`: the frames of every message unchanged, or synthetic ones if it has none (HEP, WebSocket). pcap (with
 * nanoseconds if the source has them) while one link type suffices; a second one turns a regular file into pcapng, in
 * a pipe its frames are refused.
 */
import type { Writable } from 'node:stream';
import { LINK_ETHERNET, hasNanoseconds, type Frame, type Log, type Message, type Sink, type SinkCounts } from '../../base/index.js';
import { FrameSynthesizer, PcapWriter, PcapngWriter, type CaptureWriter } from '../../format/index.js';
import { FrameWindow } from './frame-window.js';
import type { CaptureOutput, WriteProblem } from './output.js';
import { openOutput } from './open-output.js';
import { WrittenFrames } from './written-frames.js';

export interface CaptureFileOptions {
  /** Path, or `-` for standard output; a name that ends in .pcapng chooses that format. */
  path: string;
  stdout: Writable;
  log: Log;
  /** Called when the reader of the pipe has gone away. */
  onClosed: () => void;
  /** The file gets every frame through `frame`; messages add none of theirs. */
  everyFrame?: boolean;
}

/** The output for every frame, whatever its content. */
export interface FrameWriter {
  frame(frame: Frame): void;
}

const NO_BYTES = Buffer.alloc(0);
/** Size of the window, with record headers; larger messages get their own memory. */
const SCRATCH_BYTES = 1024 * 1024;

export class CaptureFileSink implements Sink, FrameWriter {
  readonly name = 'file';
  private readonly output: CaptureOutput;
  private readonly synthesizer = new FrameSynthesizer();
  private readonly writtenFrames = new WrittenFrames();
  private readonly window = new FrameWindow();
  private writer: CaptureWriter | null = null;
  /** A file header that is to be written. */
  private header: Buffer = NO_BYTES;
  /** A frame arrived that the format cannot hold, and the file could not be converted to pcapng. */
  private isKeptAsItIs = false;
  private scratch: Buffer = NO_BYTES;
  /** Messages being written to a pipe. */
  private sentMessages = 0;
  private delivered = 0;
  private written = 0;
  private refused = 0;
  private lost = 0;
  private readonly lostBy = new Map<string, number>();
  /** The last write failed. */
  isFailing = false;

  constructor(private readonly options: CaptureFileOptions) {
    this.output = openOutput(options.path, options.stdout, options.onClosed);
    if (options.path.endsWith('.pcapng')) this.begin(new PcapngWriter());
  }

  /** Writes it unchanged; one that the file cannot hold is counted among the reasons. */
  frame(frame: Frame): void {
    if (!this.takes(frame)) {
      this.lostBy.set('frame_link_type', (this.lostBy.get('frame_link_type') ?? 0) + 1);
      return;
    }
    this.makeRoom([frame]);
    this.window.add(frame, false);
  }

  accept(message: Message): boolean {
    this.delivered++;
    const { window } = this;
    if (this.options.everyFrame === true) {
      window.completeMessage(window.size);
      return this.output.room();
    }
    const isSynthetic = message.frames.length === 0;
    const frames = isSynthetic ? this.synthesizer.frames(message) : message.frames;
    for (const frame of frames) {
      if (!this.takes(frame)) {
        this.refused++;
        return this.output.room();
      }
    }
    this.makeRoom(frames);
    const begin = window.size;
    // Messages that share a segment share its frame: it is written once.
    for (const frame of frames) if (isSynthetic || this.writtenFrames.isNew(frame)) window.add(frame, isSynthetic);
    window.completeMessage(begin);
    return this.output.room();
  }

  ready(): Promise<void> {
    return this.output.ready();
  }

  async flush(): Promise<void> {
    this.push(true);
    await this.output.drained();
  }

  async close(): Promise<void> {
    // Even an empty capture is a capture file: readers expect its header.
    this.writer ??= this.begin(new PcapWriter(LINK_ETHERNET));
    await this.flush();
    await this.output.close();
  }

  counts(): SinkCounts {
    const { delivered, written, refused, lost } = this;
    const reasons: Record<string, number> = Object.fromEntries(this.lostBy);
    if (refused > 0) reasons.link_type = refused;
    return { delivered, written, refused, waiting: this.window.messages + this.sentMessages, lost, reasons };
  }

  /** True if the file can hold the frame, possibly after conversion. */
  private takes(frame: Frame): boolean {
    this.writer ??= this.begin(new PcapWriter(frame.linkType, hasNanoseconds(frame)));
    const canHold = this.writer.takes(frame.linkType);
    if (canHold && this.writer.keepsTime(frame)) return true;
    if (!this.output.isRewritable || this.isKeptAsItIs) return canHold;
    this.push(true);
    // That write may have failed and left no file to convert.
    if (this.writer === null) return this.takes(frame);
    const writer = new PcapngWriter();
    const problem = this.output.rewrite(writer);
    if (problem === '') {
      this.writer = writer;
      return true;
    }
    this.isKeptAsItIs = true;
    this.options.log.error(`${this.options.path} cannot be turned into pcapng: ${problem}: other link types are refused`);
    return canHold;
  }

  private begin(writer: CaptureWriter): CaptureWriter {
    this.header = writer.fileHeader();
    this.writer = writer;
    return writer;
  }

  private makeRoom(frames: readonly Frame[]): void {
    let bytes = 0;
    for (const frame of frames) bytes += frame.to - frame.from;
    if (this.window.isFullWith(bytes)) this.push(false);
  }

  /** Writes what is in the window, or the earlier half of it. */
  private push(all: boolean): void {
    const { frames, messages } = this.window.take(all);
    if (frames.length === 0 && this.header.length === 0) {
      // Their frames were written before.
      this.written += messages;
      return;
    }
    if (frames.length > 0) this.writer ??= this.begin(new PcapWriter(frames[0].linkType, hasNanoseconds(frames[0])));
    const bytes = this.encode(frames);
    this.sentMessages += messages;
    this.output.write(bytes, (problem) => this.settle(messages, problem));
  }

  private encode(frames: readonly Frame[]): Buffer {
    const { header } = this;
    this.header = NO_BYTES;
    let needed = header.length;
    for (const frame of frames) needed += this.writer!.bytesFor(frame);
    const isReused = !this.output.keepsBytes && needed <= SCRATCH_BYTES;
    if (isReused && this.scratch.length === 0) this.scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    const target = isReused ? this.scratch : Buffer.allocUnsafeSlow(needed);
    let at = header.copy(target, 0);
    for (const frame of frames) at = this.writer!.write(frame, target, at);
    return target.subarray(0, at);
  }

  private settle(messages: number, problem: WriteProblem | null): void {
    this.sentMessages -= messages;
    this.isFailing = problem !== null;
    if (problem === null) {
      this.written += messages;
      return;
    }
    const { reason, text } = problem;
    this.lost += messages;
    if (!this.lostBy.has(reason) && reason === 'write_failed') this.options.log.error(`${this.options.path}: ${text}: messages are lost`);
    this.lostBy.set(reason, (this.lostBy.get(reason) ?? 0) + messages);
    this.startOver();
  }

  /** The lost bytes may have been the file's header, or the description of an interface that later packets refer to. */
  private startOver(): void {
    this.writtenFrames.clear();
    if (this.writer instanceof PcapngWriter) this.begin(new PcapngWriter());
    else if (this.output.isEmpty) this.writer = null;
  }
}
