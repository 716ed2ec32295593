/** Reads all messages once or several times: sources that cannot be read again are kept in memory, within bounds. */
import { EXIT_DONE, UsageError, type Environment, type Message } from '../../base/index.js';
import { run } from '../../pipeline/run.js';
import { DRAIN_SECONDS } from '../plan.js';
import { CallHandler } from './call-handler.js';
import { callSource, type CallSourceOptions } from './source.js';
import type { CallRunOptions } from './call-run.js';

/** What standard input may hold. */
const MAX_KEPT_BYTES = 256e6;

export interface ScanTaker {
  message(message: Message): void;
  report(message: Message): void;
}

export class MessageScan {
  /** The worst exit code of all rounds so far. */
  code = EXIT_DONE;
  private readonly kept: { message: Message; isReport: boolean }[] = [];
  private keptBytes = 0;
  private isKept = false;

  constructor(
    private readonly options: CallSourceOptions & CallRunOptions,
    private readonly env: Environment,
    private readonly keepFrames = false,
  ) {
    if (callSource(options, { keepFrames }, env).isLive)
      throw new UsageError('this needs input with an end: -r FILE, or --follow with -i and --hep-listen');
  }

  /** True where everything can be read as often as is wanted. */
  private get isRepeatable(): boolean {
    return !this.options.files.includes('-');
  }

  async round(taker: ScanTaker): Promise<void> {
    if (this.isKept)
      for (const { message, isReport } of this.kept)
        if (isReport) taker.report(message);
        else taker.message(message);
    else await this.read(this.isRepeatable ? taker : this.keeping(taker));
    this.isKept = !this.isRepeatable;
  }

  private async read(taker: ScanTaker): Promise<void> {
    const { options, env } = this;
    const { source } = callSource(options, { keepFrames: this.keepFrames }, env);
    const code = await run(
      {
        source,
        outputs: () => [],
        handler: ({ intake }) =>
          new CallHandler(intake.preparer, {
            message: (message) => {
              taker.message(message);
              return true;
            },
            report: (message) => taker.report(message),
          }),
        undecoded: false,
        hep: {},
        count: 0,
        durationSeconds: 0,
        drainSeconds: DRAIN_SECONDS,
        advice: '',
        quiet: options.quiet || this.wasRead,
        summary: options.summary,
        uniform: false,
      },
      env,
    );
    if (!this.wasRead) for (const { name, problem } of source.inputs()) if (problem !== '') env.log.error(`${name}: ${problem}`);
    this.wasRead = true;
    if (code !== EXIT_DONE) this.code = code;
  }
  private wasRead = false;

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
