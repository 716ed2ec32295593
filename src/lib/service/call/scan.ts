/**
 * Reads all messages once or several times. Input that cannot be read again (standard input, live) is kept in memory,
 * within limits; a database connection is kept open.
 */
import { EXIT_DONE, EXIT_INTERRUPTED, UsageError, type Environment, type Message } from '../../base/index.js';
import { KeptReader } from '../../pipeline/input/kept-reader.js';
import { run } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import type { MessageReader } from '../../store/read/index.js';
import { chosenSource, type DatabaseChoice, type SourceChoice } from '../source-choice.js';
import { CallHandler, type MessageTaker } from './call-handler.js';
import { KeptSource } from './export/kept-source.js';
import { lookPlan, type CallRunOptions } from './call-run.js';

const MAX_KEPT_BYTES = 256e6;

export interface ScanTaker {
  message(message: Message): void;
  report(message: Message): void;
}

export interface ScanOptions extends CallRunOptions {
  source: SourceChoice;
}

export interface ScanNeeds {
  /** Messages keep the frames they came in. */
  keepFrames?: boolean;
  /** Only one round: nothing is kept. */
  isOnce?: boolean;
}

export class MessageScan {
  /** The worst exit code of all rounds so far. */
  code = EXIT_DONE;
  private readonly kept: { message: Message; isReport: boolean }[] = [];
  private keptBytes = 0;
  private wasRead = false;
  private readonly connection = new KeptReader();

  constructor(
    private readonly options: ScanOptions,
    private readonly env: Environment,
    private readonly needs: ScanNeeds = {},
  ) {}

  get isDatabase(): boolean {
    return this.options.source.db !== '';
  }

  /** Null if no database has been read. */
  get reader(): MessageReader | null {
    return this.connection.reader;
  }

  /** Further rounds read nothing. */
  get isInterrupted(): boolean {
    return this.code === EXIT_INTERRUPTED;
  }

  /** `database`: what to read if the source is a database. */
  async round(taker: ScanTaker, database: DatabaseChoice): Promise<void> {
    if (this.isInterrupted) return;
    if (this.isKept && this.wasRead) this.replay(taker);
    else await this.read(taker, database);
    this.wasRead = true;
  }

  /** Everything again, as the source of another run. */
  async source(database: DatabaseChoice): Promise<RunSource> {
    if (this.isKept && this.wasRead) return new KeptSource(this.kept.map(({ message }) => message));
    return this.chosen(database, this.needs.keepFrames);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  get isLive(): boolean {
    const { interfaces, listeners } = this.options.source;
    return interfaces.length + listeners.length > 0;
  }

  private get isKept(): boolean {
    return this.needs.isOnce !== true && (this.isLive || this.options.source.files.includes('-'));
  }

  private chosen(database: DatabaseChoice, keepFrames = false): Promise<RunSource> {
    return chosenSource(this.options.source, { ...database, kept: this.connection }, true, this.env, keepFrames);
  }

  private replay(taker: ScanTaker): void {
    for (const { message, isReport } of this.kept)
      if (isReport) taker.report(message);
      else taker.message(message);
  }

  private async read(taker: ScanTaker, database: DatabaseChoice): Promise<void> {
    const { options, env, wasRead } = this;
    const source = await this.chosen(database, this.needs.keepFrames === true && this.isKept);
    const code = await run(
      {
        ...lookPlan(source, wasRead ? { ...options, quiet: true } : options, options.source.durationSeconds),
        // Once for all readings.
        logsProblems: !wasRead,
        outputs: () => [],
        handler: ({ intake, stop }) => new CallHandler(intake.preparer, this.takerOf(taker, stop), this.isDatabase),
      },
      env,
    );
    if (code !== EXIT_DONE) this.code = code;
  }

  private takerOf(taker: ScanTaker, stop: () => void): MessageTaker {
    const keep = (message: Message, isReport: boolean): Message => {
      if (!this.isKept || this.isFull(message, stop)) return message;
      const kept = this.isLive ? detached(message) : message;
      this.kept.push({ message: kept, isReport });
      return kept;
    };
    return {
      message: (message) => {
        taker.message(keep(message, false));
        return true;
      },
      report: (message) => taker.report(keep(message, true)),
    };
  }

  /** For live input this is the end; for finite input it is an error. */
  private isFull(message: Message, stop: () => void): boolean {
    const before = this.keptBytes;
    this.keptBytes += message.payload.length;
    if (this.keptBytes <= MAX_KEPT_BYTES) return false;
    if (!this.isLive)
      throw new UsageError('standard input is too large to be searched more than once: write it to a file, and use -r FILE');
    if (before <= MAX_KEPT_BYTES) {
      this.env.log.warn(`stopped: ${MAX_KEPT_BYTES / 1e6} MB of messages are kept in memory; store them with --db to search in more`);
      stop();
    }
    return true;
  }
}

/** Receive buffers are reused. */
function detached(message: Message): Message {
  const { envelope, frames } = message;
  return {
    ...message,
    payload: Buffer.from(message.payload),
    envelope: envelope === null ? null : { ...envelope, bytes: Buffer.from(envelope.bytes) },
    frames: frames.map((frame) => ({
      ...frame,
      bytes: Buffer.from(frame.bytes.subarray(frame.from, frame.to)),
      from: 0,
      to: frame.to - frame.from,
    })),
  };
}
