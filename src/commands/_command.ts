/** What all commands share: errors become a line and an exit code here, and what they create is not readable by everybody. */
import { Command } from '@oclif/core';
import { UnreachableError, UsageError, escapedLine, EXIT_UNREACHABLE, EXIT_USAGE } from '../lib/base/index.js';
import { TIME_STYLES } from '../lib/sink/terminal/line-times.js';

const LINGER_MS = 1000;
/** Databases, captures and spools hold calls: nothing for others, and the group reads at most. */
const UMASK = 0o027;

export abstract class SipcapCommand extends Command {
  protected override async init(): Promise<void> {
    process.umask(process.umask() | UMASK);
    await super.init();
    if (Object.hasOwn(this.ctor.flags ?? {}, 'time')) this.argv = this.argv.map((word) => timeWord(word));
  }

  /** Runs the service and ends with its exit code. */
  protected async finish(work: Promise<number>): Promise<void> {
    endWith(await work);
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<void> {
    const code = error instanceof UsageError ? EXIT_USAGE : error instanceof UnreachableError ? EXIT_UNREACHABLE : 0;
    if (code === 0) throw error;
    process.stderr.write(`${this.config.bin}: ${error.message.split('\n').map(escapedLine).join('\n')}\n`);
    endWith(code);
  }
}

/** Ends when nothing is left to do, and soon in any case: a server that does not answer must not keep a finished command alive. */
function endWith(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), LINGER_MS).unref();
  // Node takes its signal handlers down before it ends by itself: a late SIGTERM would turn the exit code into a kill.
  process.once('beforeExit', () => process.exit());
}

/** tcpdump's `-t` to `-ttttt`. */
function timeWord(word: string): string {
  const style = /^-t{1,5}$/.test(word) ? TIME_STYLES[word.length - 2] : undefined;
  return style === undefined ? word : `--time=${style}`;
}
