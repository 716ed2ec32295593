/** The start of a command line: errors not caught by a command also become one line and an exit code. */
import { fileURLToPath } from 'node:url';
import { run } from '@oclif/core';

export async function main(argv: string[], root: string): Promise<void> {
  // A closed pipe (2>&1 | head) is not an error of this program: outputs that care handle it themselves.
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(ignoreClosedPipe)) stream.on('error', ignoreClosedPipe);
  try {
    // The folders of oclif's plug-ins are not read: there are none, and an unreadable home directory does not matter.
    await run(argv, { root: fileURLToPath(root), userPlugins: false, devPlugins: false });
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIT') process.exit((error as { oclif?: { exit?: number } }).oclif?.exit ?? 0);
    const { report } = await import('./commands/_errors.js');
    process.exit(report(error as Error, 'sipcap', '', {}));
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
