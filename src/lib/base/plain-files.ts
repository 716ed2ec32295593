/** Texts of files that others name: nothing else is opened, so that no pipe or device is waited for. */
import { readFileSync, realpathSync, statSync } from 'node:fs';

const MAX_BYTES = 16 * 1024 * 1024;

export interface PlainFiles {
  /** The path with all links followed. Both throw as Node's functions do. */
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
