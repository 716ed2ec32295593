/** The start of a command line: errors not caught by a command also become one line and an exit code. */
import { fileURLToPath } from 'node:url';
import { run } from '@oclif/core';
import { EXIT_UNREACHABLE } from './lib/base/exit-codes.js';

export async function main(argv: string[], root: string): Promise<void> {
  // Instead of oclif's listeners, which throw. A log that nobody reads any more, or whose disk is full, is no reason to end: what is
  // captured and stored goes on.
  process.stdout.removeAllListeners('error').on('error', outputFailed);
  process.stderr.removeAllListeners('error').on('error', () => {});
  try {
    // The folders of oclif's plug-ins are not read: there are none, and an unreadable home directory does not matter.
    await run(argv, { root: fileURLToPath(root), userPlugins: false, devPlugins: false });
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIT') process.exit((error as { oclif?: { exit?: number } }).oclif?.exit ?? 0);
    const { report } = await import('./commands/_errors.js');
    process.exit(report(error as Error, 'sipcap', '', {}));
  }
}

/** A closed pipe (| head) is not an error of this program: outputs that care handle it themselves. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`sipcap: cannot write on standard output: ${error.message}\n`);
  process.exit(EXIT_UNREACHABLE);
}
