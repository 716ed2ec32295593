/** The files given by the user: patterns expanded (if the shell did not), each real file once. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { UsageError, type Log } from '../../base/index.js';
import { globMatches, isGlob } from './glob.js';

export const STANDARD_INPUT = '-';

/** Paths in the order given, a pattern's matches sorted by name. */
export async function expandNames(names: readonly string[], log: Log): Promise<string[]> {
  const paths: string[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    for (const path of await matches(name)) {
      const real = path === STANDARD_INPUT ? path : await realpath(path).catch(() => path);
      if (seen.has(real)) log.warn(`${path} is named twice: it is read once`);
      else paths.push(path);
      seen.add(real);
    }
  }
  return paths;
}

async function matches(name: string): Promise<string[]> {
  if (!isGlob(name) || (await exists(name))) return [name];
  let found = [name.startsWith('/') ? '/' : ''];
  for (const part of name.split('/').filter((text) => text !== '')) {
    const deeper: string[] = [];
    for (const folder of found) deeper.push(...(await below(folder, part)));
    found = deeper;
  }
  if (found.length === 0) throw new UsageError(`no file matches '${name}'`);
  return found;
}

/** The paths in a folder ('' is the working directory) whose name matches one segment of the pattern. */
async function below(folder: string, part: string): Promise<string[]> {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  if (!isGlob(part)) return (await exists(prefix + part)) ? [prefix + part] : [];
  const entries = await readdir(folder === '' ? '.' : folder).catch(() => [] as string[]);
  return entries
    .filter((entry) => globMatches(part, entry))
    .sort()
    .map((entry) => prefix + entry);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
