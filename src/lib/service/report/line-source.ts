/** Lines of a file or of standard input as messages, or the whole input as one. */
import { readFileSync } from 'node:fs';
import { UsageError, faultText, systemErrorText, type Environment } from '../../base/index.js';
import { openFile, openStream } from '../../capture/file/index.js';
import type { RunSource, SourceIntake } from '../../pipeline/source.js';
import type { InputSummary } from '../../pipeline/summary.js';
import { lineMessage, type LineOptions } from './line-messages.js';
import { LineSplitter } from './line-splitter.js';

export interface LineSourceOptions extends LineOptions {
  /** Path, or `-`. */
  file: string;
  /** The whole input is one report. */
  whole: boolean;
}

type LinesRead = Omit<InputSummary, 'name'>;
type ByteSource = Awaited<ReturnType<typeof openFile>>;

export class LineSource implements RunSource {
  readonly kind = 'files';
  readonly unit = 'reports';
  readonly isLive = false;
  readonly rejectsAreBad = true;
  /** Lines may arrive forever: ended by a signal, they are complete. */
  readonly endsBySignal = true;
  private bytes: ByteSource | Buffer | null = null;
  private summary: InputSummary[] = [];
  private isStopped = false;

  constructor(
    private readonly options: LineSourceOptions,
    private readonly env: Environment,
  ) {}

  async open(): Promise<void> {
    const { file, whole } = this.options;
    if (file === '-') this.bytes = whole ? null : openStream(this.env.stdin);
    else {
      try {
        this.bytes = whole ? readFileSync(file) : await openFile(file);
      } catch (error) {
        throw new UsageError(`cannot read ${file}: ${systemErrorText(error)}`);
      }
    }
  }

  async read(intake: SourceIntake): Promise<void> {
    const { bytes } = this;
    const read = bytes === null || Buffer.isBuffer(bytes) ? await this.readWhole(bytes, intake) : await this.readLines(bytes, intake);
    this.summary = [{ name: this.options.file, ...read }];
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.bytes !== null && !Buffer.isBuffer(this.bytes)) this.bytes.abort();
    else if (this.bytes === null) this.env.stdin.destroy();
  }

  async updateLosses(): Promise<void> {}

  inputs(): readonly InputSummary[] {
    return this.summary;
  }

  async commit(): Promise<void> {}

  private async readLines(source: ByteSource, intake: SourceIntake): Promise<LinesRead> {
    let number = 0;
    const splitter = new LineSplitter((line) => {
      number++;
      if (line.length > 0) this.message(line, number + splitter.tooLong, intake);
    });
    for (let chunk = await source.next(); chunk !== null && !this.isStopped; chunk = await source.next()) {
      splitter.push(chunk);
      await intake.ready();
    }
    const { fault } = source;
    // Half a line is no report.
    if (!this.isStopped && fault === null) splitter.finish();
    if (splitter.tooLong > 0) intake.refuse('line_too_long', splitter.tooLong);
    const { bytesRead } = source;
    await source.close();
    return { packets: number + splitter.tooLong, bytes: bytesRead, problem: fault === null ? '' : faultText(fault) };
  }

  private async readWhole(bytes: Buffer | null, intake: SourceIntake): Promise<LinesRead> {
    const pieces: Buffer[] = bytes === null ? [] : [bytes];
    if (bytes === null) for await (const piece of this.env.stdin as AsyncIterable<Buffer>) pieces.push(piece);
    const payload = Buffer.concat(pieces);
    this.message(payload, 1, intake);
    return { packets: 1, bytes: payload.length, problem: '' };
  }

  private message(payload: Buffer, number: number, intake: SourceIntake): void {
    intake.message(lineMessage(payload, this.env.clock.now(), this.options, number), payload.length);
  }
}
