/**
 * `-w FILE`: the frames of every message as they came, or synthetic ones where it has none (HEP). pcap while
 * one link type suffices; a second one turns a regular file into pcapng, in a pipe its frames are refused.
 */
import type { Writable } from 'node:stream';
import { LINK_ETHERNET, type Frame, type Log, type Message, type Sink, type SinkCounts } from '../../base/index.js';
import { FrameSynthesizer, PcapWriter, PcapngWriter, type CaptureWriter } from '../../format/index.js';
import { type CaptureOutput, type WriteProblem } from './output.js';
import { openOutput } from './open-output.js';
import { WrittenFrames } from './written-frames.js';

export interface CaptureFileOptions {
  /** Path, or `-` for standard output; a name that ends in .pcapng chooses that format. */
  path: string;
  stdout: Writable;
  log: Log;
  /** The reader of the pipe went away. */
  onClosed: () => void;
  /** The file gets every frame by `frame`, so that messages add none of theirs. */
  everyFrame?: boolean;
}

/** Where every frame can be written, whatever is in it. */
export interface FrameWriter {
  frame(frame: Frame): void;
}

const GATHER_BYTES = 262_144;

export class CaptureFileSink implements Sink, FrameWriter {
  readonly name = 'file';
  private readonly output: CaptureOutput;
  private readonly synthesizer = new FrameSynthesizer();
  private readonly writtenFrames = new WrittenFrames();
  private writer: CaptureWriter | null = null;
  /** The second link type came, and the file could not be turned into pcapng. */
  private isKeptAsItIs = false;
  private gather: Buffer = Buffer.allocUnsafeSlow(GATHER_BYTES);
  private gathered = 0;
  /** Messages in `gather`, and those on their way down a pipe. */
  private gatheredMessages = 0;
  private sentMessages = 0;
  private delivered = 0;
  private written = 0;
  private refused = 0;
  private lost = 0;
  private readonly lostBy = new Map<string, number>();

  constructor(private readonly options: CaptureFileOptions) {
    this.output = openOutput(options.path, options.stdout, options.onClosed);
    if (options.path.endsWith('.pcapng')) this.begin(new PcapngWriter());
  }

  /** Writes it as it came; one that the file cannot hold is counted among the reasons. */
  frame(frame: Frame): void {
    if (!this.takes(frame.linkType)) {
      this.lostBy.set('frame_link_type', (this.lostBy.get('frame_link_type') ?? 0) + 1);
      return;
    }
    this.makeRoom([frame]);
    this.gathered = this.writer!.write(frame, this.gather, this.gathered);
  }

  accept(message: Message): boolean {
    this.delivered++;
    if (this.options.everyFrame === true) {
      this.gatheredMessages++;
      return this.output.room();
    }
    const isSynthetic = message.frames.length === 0;
    const frames = isSynthetic ? this.synthesizer.frames(message) : message.frames;
    for (const { linkType } of frames) {
      if (!this.takes(linkType)) {
        this.refused++;
        return this.output.room();
      }
    }
    this.makeRoom(frames);
    // Messages that share a segment share its frame: it is written once.
    for (const frame of frames)
      if (isSynthetic || this.writtenFrames.isNew(frame)) this.gathered = this.writer!.write(frame, this.gather, this.gathered);
    this.gatheredMessages++;
    return this.output.room();
  }

  ready(): Promise<void> {
    return this.output.ready();
  }

  async flush(): Promise<void> {
    this.push();
    await this.output.drained();
  }

  async close(): Promise<void> {
    // Even an empty capture is a capture file: readers expect its header.
    if (this.writer === null) this.begin(new PcapWriter(LINK_ETHERNET));
    await this.flush();
    await this.output.close();
  }

  counts(): SinkCounts {
    const { delivered, written, refused, lost } = this;
    const reasons: Record<string, number> = Object.fromEntries(this.lostBy);
    if (refused > 0) reasons.link_type = refused;
    return { delivered, written, refused, waiting: this.gatheredMessages + this.sentMessages, lost, reasons };
  }

  /** True where the file can hold the link type, or was made to. */
  private takes(linkType: number): boolean {
    if (this.writer === null) this.begin(new PcapWriter(linkType));
    if (this.writer!.takes(linkType)) return true;
    if (!this.output.isRewritable || this.isKeptAsItIs) return false;
    this.push();
    // That write may have failed and left no file to turn.
    if (this.writer === null) return this.takes(linkType);
    const writer = new PcapngWriter();
    const problem = this.output.rewrite(writer);
    if (problem === '') this.writer = writer;
    else {
      this.isKeptAsItIs = true;
      this.options.log.error(`${this.options.path} cannot be turned into pcapng: ${problem}: other link types are refused`);
    }
    return problem === '';
  }

  private begin(writer: CaptureWriter): void {
    this.writer = writer;
    this.gathered += writer.fileHeader().copy(this.gather, this.gathered);
  }

  /** A message goes out in one piece: it is in the file or it is not. */
  private makeRoom(frames: readonly Frame[]): void {
    let bytes = 0;
    for (const frame of frames) bytes += this.writer!.bytesFor(frame);
    if (this.gathered + bytes <= this.gather.length) return;
    this.push();
    if (this.writer === null) this.begin(new PcapWriter(frames[0].linkType));
    if (this.gathered + bytes > this.gather.length) {
      const larger = Buffer.allocUnsafeSlow(this.gathered + bytes);
      this.gather.copy(larger, 0, 0, this.gathered);
      this.gather = larger;
    }
  }

  private push(): void {
    if (this.gathered === 0) {
      // Their frames went out before them.
      this.written += this.gatheredMessages;
      this.gatheredMessages = 0;
      return;
    }
    const bytes = this.gather.subarray(0, this.gathered);
    const messages = this.gatheredMessages;
    if (this.output.keepsBytes || this.gather.length > GATHER_BYTES) this.gather = Buffer.allocUnsafeSlow(GATHER_BYTES);
    this.gathered = 0;
    this.gatheredMessages = 0;
    this.sentMessages += messages;
    this.output.write(bytes, (problem) => this.settle(messages, problem));
  }

  private settle(messages: number, problem: WriteProblem | null): void {
    this.sentMessages -= messages;
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

  /** What was lost may have been the file's header, or the description of an interface that later packets name. */
  private startOver(): void {
    this.writtenFrames.clear();
    if (this.writer instanceof PcapngWriter) this.begin(new PcapngWriter());
    else if (this.output.isEmpty) this.writer = null;
  }
}
