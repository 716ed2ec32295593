/** Removes a FIFO or socket from the file system. */
import { rmSync } from 'node:fs';

/** After dropping root, files in root's own folder cannot be removed: they stay, and the next start takes them over. */
export function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}
