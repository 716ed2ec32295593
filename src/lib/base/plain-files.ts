/** Reads files named by others: only regular files are opened, so that no pipe or device can block. */
import { readFileSync, realpathSync, statSync } from 'node:fs';

const MAX_BYTES = 16 * 1024 * 1024;

export interface PlainFiles {
  /** The path with all links resolved. Both throw like Node's functions. */
  real(path: string): string;
  text(path: string): string;
}

export const plainFiles: PlainFiles = {
  real: (path) => realpathSync(path),
  text: (path) => {
    const stat = statSync(path);
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'is a folder' : 'is not a file');
    if (stat.size > MAX_BYTES) throw new Error('too large');
    return readFileSync(path, 'utf8');
  },
};
