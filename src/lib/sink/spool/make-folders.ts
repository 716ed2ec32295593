/**
 * Creates a folder and what is missing above it, from the first one that exists downwards. Node's own recursive creation
 * never returns where a parent cannot be created although nothing refuses it (below /proc).
 */
import { mkdirSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The outermost folder created, or null where everything exists; throws the error of the system. */
export function makeFolders(directory: string, mode: number): string | null {
  const missing: string[] = [];
  let path = resolve(directory);
  for (; statusOf(path) === null && dirname(path) !== path; path = dirname(path)) missing.unshift(path);
  let first: string | null = null;
  for (const folder of missing) if (makeFolder(folder, mode)) first ??= folder;
  if (missing.length === 0 && !statSync(path).isDirectory()) throw notDirectory(path);
  return first;
}

/** False where somebody else created it meanwhile. */
function makeFolder(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && statusOf(path)?.isDirectory() === true) return false;
    throw error;
  }
}

function notDirectory(path: string): Error {
  return Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR' });
}

/** Null where it does not exist, or where a part of the path is no directory. */
function statusOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
