/** The files that the user named: globs expanded (where the shell did not), each real file once. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError, type Log } from '../../base/index.js';

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
  if (name === STANDARD_INPUT || !/[*?[]/.test(name)) return [name];
  if (await stat(name).then(() => true, () => false)) return [name];
  const folder = dirname(name);
  const pattern = patternOf(basename(name));
  const entries = await readdir(folder).catch(() => [] as string[]);
  const found = entries.filter((entry) => pattern.test(entry) && !(entry.startsWith('.') && !basename(name).startsWith('.'))).sort();
  if (found.length === 0) throw new UsageError(`no file matches '${name}'`);
  return found.map((entry) => (folder === '.' && !name.startsWith('./') ? entry : join(folder, entry)));
}

/** `*`, `?` and `[...]` as the shell means them, in the last part of the path. */
function patternOf(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.').replace(/\[!/g, '[^');
  return new RegExp(`^${source}$`);
}
