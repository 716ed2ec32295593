/** What all commands share: faults become one line and an exit code at this door. */
import { Command } from '@oclif/core';
import { UnreachableError, UsageError, EXIT_UNREACHABLE, EXIT_USAGE } from '../lib/base/index.js';

const LINGER_MS = 1000;

export abstract class SipcapCommand extends Command {
  /** Runs the service and ends with its exit code. */
  protected async finish(work: Promise<number>): Promise<void> {
    const code = await work;
    process.exitCode = code;
    // A server that does not answer must not keep a command alive that is done.
    setTimeout(() => process.exit(code), LINGER_MS).unref();
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<void> {
    const code = error instanceof UsageError ? EXIT_USAGE : error instanceof UnreachableError ? EXIT_UNREACHABLE : 0;
    if (code === 0) throw error;
    process.stderr.write(`${this.config.bin}: ${error.message}\n`);
    process.exitCode = code;
    // Whatever is still open (a target, a database) must not keep a command alive that has failed.
    setTimeout(() => process.exit(code), LINGER_MS).unref();
  }
}
