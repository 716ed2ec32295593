/** `include_file` and `import_file`: the text of other files in the place of the line, before anything is read. */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { Source, type Place, type SourcePart } from './source.js';

/** The text of a file and its name as messages show it; null where there is none, or why it cannot be read. */
export type ReadInclude = (path: string, from: string) => { name: string; text: string } | null | string;

const MAX_FILES = 100;
const MAX_TEXT = 4 * 1024 * 1024;
/** Included files are read before anything else is, so the folders that a script sets for them are looked up in its text. */
const PATH = /^[ \t]*modparam[ \t]*\([ \t]*(["'])sipcap\1[ \t]*,[ \t]*(["'])script\.include_path\2[ \t]*,[ \t]*(["'])([^"'\r\n]*)\3/gm;
const LINE = /^[ \t]*(include|import)_file[ \t]+(["'])([^"'\r\n]*)\2[ \t]*;?(?=[ \t]*(?:#|\/\/|\r?$))/gm;

interface Included {
  text: string;
  parts: SourcePart[];
  /** Where they are in the combined text. */
  errors: IncludeError[];
}

export interface IncludeError {
  place: Place;
  message: string;
}

/**
 * The source with everything included that it names; itself where it names nothing. A file that cannot be read is an
 * error, but for one that `import_file` names and that does not exist.
 */
export function withIncludes(source: Source, read: ReadInclude): { source: Source; errors: readonly IncludeError[] } {
  if (source.text.search(LINE) < 0) return { source, errors: [] };
  const made: Included = { text: '', parts: [], errors: [] };
  let files = 0;
  const add = (name: string, text: string, firstLine: number, indent: number, around: readonly string[]): void => {
    let line = firstLine;
    let at = 0;
    made.parts.push({ from: made.text.length, name, line, indent });
    const comments = blockComments(text);
    for (const match of text.matchAll(LINE)) {
      const [written, word, , path] = match;
      if (comments.some(({ from, to }) => from < match.index && match.index < to)) continue;
      const before = text.slice(at, match.index);
      made.text += before;
      line += lineEnds(before);
      at = match.index + written.length;
      const found =
        around.length > 10 || ++files > MAX_FILES || made.text.length > MAX_TEXT ? 'too many files are included' : read(path, name);
      const from = made.text.length;
      if (typeof found === 'string' || (found === null && word === 'include')) {
        // The line stays in the text, as a comment, for the message to point at.
        made.text += `#${written.trim()}`;
        made.errors.push({
          place: { from, to: made.text.length },
          message: typeof found === 'string' ? `${word}_file "${path}": ${found}` : `cannot read ${path}: no such file`,
        });
      } else if (found !== null) {
        if (around.includes(found.name)) made.errors.push({ place: { from, to: from }, message: `${found.name} includes itself` });
        else add(found.name, found.text.endsWith('\n') ? found.text : `${found.text}\n`, 1, 0, [...around, found.name]);
      }
      made.parts.push({ from: made.text.length, name, line, indent });
    }
    made.text += text.slice(at);
  };
  add(source.name, source.text, source.firstLine, source.indent, [source.name]);
  const whole = new Source(source.name, made.text, source.firstLine, source.indent);
  whole.parts = made.parts;
  return { source: whole, errors: made.errors };
}

/** What stands between slash-star pairs, which nest; quotes and other comments may hold some that mean nothing. */
function blockComments(text: string): Place[] {
  const found: Place[] = [];
  if (!text.includes('/*')) return found;
  for (const match of text.matchAll(/"(?:[^"\\\r\n]|\\.)*"|'[^'\r\n]*'|#[^\r\n]*|\/\/[^\r\n]*|\/\*/g)) {
    if (match[0] !== '/*' || match.index < (found.at(-1)?.to ?? 0)) continue;
    let depth = 0;
    let at = match.index;
    do {
      if (text.startsWith('/*', at)) depth++;
      else if (text.startsWith('*/', at)) depth--;
      else {
        at++;
        continue;
      }
      at += 2;
    } while (depth > 0 && at < text.length);
    found.push({ from: match.index, to: at });
  }
  return found;
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The folders that a .cfg sets as script.include_path, relative to its own. */
export function includePathIn(script: string, text: string): string[] {
  return [...text.matchAll(PATH)].flatMap((match) => match[4].split(',')).map((one) => resolve(dirname(resolve(script)), one.trim()));
}

/** Files beside the script or beside the file that includes them, and in the folders given; nothing outside of these is read. `readText` throws as Node's functions do. */
export function includeReader(script: string, folders: readonly string[], readText: (path: string) => string): ReadInclude {
  const roots = [dirname(resolve(script)), ...folders.map((folder) => resolve(folder))];
  return (path, from) => {
    const allowed = [...roots, dirname(resolve(from))]
      .map((folder) => (isAbsolute(path) ? path : resolve(folder, path)))
      .filter((one) => roots.some((root) => isIn(root, one)));
    if (allowed.length === 0) return 'not in the folder of the script';
    for (const one of new Set(allowed)) {
      try {
        return { name: isAbsolute(script) ? one : relative('.', one), text: readText(one) };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
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
