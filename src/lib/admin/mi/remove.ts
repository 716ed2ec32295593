/** The end of a FIFO or socket in the file system. */
import { rmSync } from 'node:fs';

/** Who gave up root may not remove what root made in a folder of its own: then it stays, and the next start takes it over. */
export function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}
