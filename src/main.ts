/** A command line from its beginning: what no command catches becomes a line and an exit code as well. */
import { fileURLToPath } from 'node:url';
import { run } from '@oclif/core';

export async function main(argv: string[], root: string): Promise<void> {
  // A reader that went away (2>&1 | head) is no error of this program: outputs that care listen themselves.
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(ignoreClosedPipe)) stream.on('error', ignoreClosedPipe);
  try {
    // The folders of oclif's plug-ins are not looked at: there are none, and a home that cannot be read is no matter.
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
