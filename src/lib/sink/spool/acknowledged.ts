/**
 * The file that says how far a spool was delivered: one number, replaced whole by a rename, so that it
 * is either the old or the new one after any crash.
 */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'acknowledged';

/** The first record that is not acknowledged yet: 0 where there is no such file, -1 where it is damaged. */
export function readAcknowledged(directory: string): number {
  let text: string;
  try {
    text = readFileSync(join(directory, NAME), 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  const match = /^next-record: (\d{1,16})\n$/.exec(text);
  return match === null ? -1 : Number(match[1]);
}

export async function writeAcknowledged(directory: string, nextRecord: number, sync: boolean): Promise<void> {
  const made = join(directory, `${NAME}.new`);
  const file = await open(made, 'w', 0o640);
  try {
    await file.writeFile(`next-record: ${nextRecord}\n`);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
  await rename(made, join(directory, NAME));
  if (sync) await syncDirectory(directory);
}

/** Makes names that were added to or changed in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
