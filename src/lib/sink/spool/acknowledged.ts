/**
 * The file that records how far a spool was delivered: one number, replaced as a whole by a rename, so that it
 * is either the old or the new one after any crash.
 */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { giveToOwnerOf } from './access.js';
import type { SpoolOptions } from './spool-options.js';

const NAME = 'acknowledged';

/** The first record that is not acknowledged yet: 0 if there is no such file, -1 if it is damaged. */
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

/** Saves how far a spool is delivered: one save at a time, and a failure is logged once. */
export class SavedPosition {
  private saving: Promise<void> | null = null;
  /** An errno code; '' while it works. */
  private failure = '';

  constructor(
    private readonly options: Pick<SpoolOptions, 'directory' | 'sync' | 'log'>,
    public savedTo: number,
  ) {}

  /** A save under way is waited for instead; `then` is called once this one has succeeded. */
  async save(to: number, then: () => void): Promise<void> {
    if (this.saving !== null) return this.saving;
    const { directory, sync, log } = this.options;
    this.saving = writeAcknowledged(directory, to, sync !== 'never')
      .then(() => {
        this.savedTo = to;
        this.failure = '';
        then();
      })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error;
        if (this.failure !== error.code) log.warn(`spool ${directory}: cannot save how far it was delivered: ${error.message}`);
        this.failure = error.code;
      })
      .finally(() => {
        this.saving = null;
      });
    return this.saving;
  }
}

export async function writeAcknowledged(directory: string, nextRecord: number, sync: boolean): Promise<void> {
  const path = join(directory, `${NAME}.new`);
  const file = await open(path, 'w', 0o640);
  try {
    giveToOwnerOf(path, file.fd);
    await file.writeFile(`next-record: ${nextRecord}\n`);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
  await rename(path, join(directory, NAME));
  if (sync) await syncDirectory(directory);
}

/** Makes new and changed names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
