/** Which files a script may include: those in its folder and in the folders that it names, links resolved. */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { PlainFiles } from '../base/index.js';

/** The text of a file and its name for messages; null if there is none, or why it cannot be read. */
export type ReadInclude = (path: string, from: string) => { name: string; text: string } | null | string;

/** Included files are read before anything else is, so the folders that a script sets for them are looked up in its text. */
const PATH = /^[ \t]*modparam[ \t]*\([ \t]*(["'])sipcap\1[ \t]*,[ \t]*(["'])script\.include_path\2[ \t]*,[ \t]*(["'])([^"'\r\n]*)\3/gm;
const OUTSIDE = 'not in the folder of the script';

/** The folders that a .cfg sets as script.include_path, relative to its own. */
export function includePathIn(script: string, text: string): string[] {
  return [...text.matchAll(PATH)].flatMap((match) => match[4].split(',')).map((one) => resolve(dirname(resolve(script)), one.trim()));
}

/** Files beside the script or beside the file that includes them, and in the folders given; nothing outside of these is read. */
export function includeReader(script: string, folders: readonly string[], files: PlainFiles): ReadInclude {
  const roots = [dirname(resolve(script)), ...folders.map((folder) => resolve(folder))];
  return (path, from) => {
    const allowed = [...roots, dirname(resolve(from))]
      .map((folder) => (isAbsolute(path) ? path : resolve(folder, path)))
      .filter((one) => roots.some((root) => isIn(root, one)));
    if (allowed.length === 0) return OUTSIDE;
    for (const one of new Set(allowed)) {
      try {
        const real = files.real(one);
        if (!roots.some((root) => isIn(files.real(root), real))) return OUTSIDE;
        return { name: isAbsolute(script) ? one : relative('.', one), text: files.text(real) };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EACCES') return 'permission denied';
        if (code !== 'ENOENT') return code ?? (error as Error).message;
      }
    }
    return null;
  };
}

function isIn(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
