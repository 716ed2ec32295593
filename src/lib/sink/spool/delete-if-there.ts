/** Deletes a file that may have been deleted already. */
import { unlinkSync } from 'node:fs';

export function deleteIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
