/** Reads all messages once or several times: sources that cannot be read again are kept in memory, within bounds. */
import { EXIT_DONE, UsageError, type Environment, type Message } from '../../base/index.js';
import { run } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import { DRAIN_SECONDS } from '../plan.js';
import { chosenSource, type DatabaseChoice, type SourceChoice } from '../source-choice.js';
import { CallHandler, type MessageTaker } from './call-handler.js';
import { KeptSource } from './export/kept-source.js';
import { logProblems, type CallRunOptions } from './call-run.js';

/** What standard input may hold. */
const MAX_KEPT_BYTES = 256e6;

export interface ScanTaker {
  message(message: Message): void;
  report(message: Message): void;
}

export interface ScanOptions extends CallRunOptions {
  source: SourceChoice;
}

export class MessageScan {
  /** The worst exit code of all rounds so far. */
  code = EXIT_DONE;
  private readonly kept: { message: Message; isReport: boolean }[] = [];
  private keptBytes = 0;
  private wasRead = false;

  constructor(
    private readonly options: ScanOptions,
    private readonly env: Environment,
    /** Messages keep the frames they came in. */
    private readonly keepFrames = false,
  ) {
    if (options.source.interfaces.length + options.source.listeners.length > 0)
      throw new UsageError('this looks at messages more than once: specify -r FILE or --db URL, or --follow CALL-ID for what arrives');
  }

  get isDatabase(): boolean {
    return this.options.source.db !== '';
  }

  /** `database`: what is read of a database, where that is the source. */
  async round(taker: ScanTaker, database: DatabaseChoice): Promise<void> {
    if (this.isKept && this.wasRead) this.replay(taker);
    else await this.read(this.isKept ? this.keeping(taker) : taker, database);
    this.wasRead = true;
  }

  /** Everything once more, as the source of a run of its own. */
  source(database: DatabaseChoice): RunSource {
    if (this.isKept && this.wasRead) return new KeptSource(this.kept.map(({ message }) => message));
    return chosenSource(this.options.source, database, true, this.env, this.keepFrames);
  }

  /** Standard input is read once. */
  private get isKept(): boolean {
    return this.options.source.files.includes('-');
  }

  private replay(taker: ScanTaker): void {
    for (const { message, isReport } of this.kept)
      if (isReport) taker.report(message);
      else taker.message(message);
  }

  private async read(taker: ScanTaker, database: DatabaseChoice): Promise<void> {
    const { options, env, wasRead } = this;
    const source = chosenSource(options.source, database, true, env, this.keepFrames && this.isKept);
    const all: MessageTaker = {
      message: (message) => {
        taker.message(message);
        return true;
      },
      report: (message) => taker.report(message),
    };
    const isQuiet = options.quiet || options.summary === 'none' || wasRead;
    const code = await run(
      {
        source,
        outputs: () => [],
        handler: ({ intake }) => new CallHandler(intake.preparer, all),
        undecoded: false,
        count: 0,
        durationSeconds: 0,
        drainSeconds: DRAIN_SECONDS,
        advice: '',
        quiet: isQuiet,
        summary: options.summary,
        uniform: false,
      },
      env,
    );
    if (isQuiet && !wasRead) logProblems(source, env);
    if (code !== EXIT_DONE) this.code = code;
  }

  private keeping(taker: ScanTaker): ScanTaker {
    const keep = (message: Message, isReport: boolean) => {
      this.keptBytes += message.payload.length;
      if (this.keptBytes > MAX_KEPT_BYTES)
        throw new UsageError('standard input is too large to be searched more than once: write it to a file, and use -r FILE');
      this.kept.push({ message, isReport });
    };
    return {
      message: (message) => {
        keep(message, false);
        taker.message(message);
      },
      report: (message) => {
        keep(message, true);
        taker.report(message);
      },
    };
  }
}
