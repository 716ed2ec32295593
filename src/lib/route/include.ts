/** `include_file` and `import_file`: the text of other files replaces the line, before anything is parsed. */
import type { ReadInclude } from './include-files.js';
import { Source, type Place, type SourcePart } from './source.js';

export * from './include-files.js';

const MAX_FILES = 100;
const MAX_TEXT = 4 * 1024 * 1024;
const LINE = /^[ \t]*(include|import)_file[ \t]+(["'])([^"'\r\n]*)\2[ \t]*;?(?=[ \t]*(?:#|\/\/|\r?$))/gm;

interface Included {
  text: string;
  parts: SourcePart[];
  /** Where they are in the combined text. */
  errors: IncludeError[];
  /** Offsets where a `#` replaces the `i` of a line that includes nothing. */
  commented: number[];
}

export interface IncludeError {
  place: Place;
  message: string;
}

/**
 * The source with all its includes; itself if it has none. A file that cannot be read is an
 * error, except for a missing file named by `import_file`.
 */
export function withIncludes(source: Source, read: ReadInclude): { source: Source; errors: readonly IncludeError[] } {
  if (source.text.search(LINE) < 0) return { source, errors: [] };
  const made: Included = { text: '', parts: [], errors: [], commented: [] };
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
      const problem = problemOf(found, word, path, around);
      if (problem !== null) {
        // The line stays in the text, as a comment, for the message to point at.
        const from = made.text.length + written.indexOf(word);
        made.text += written.replace(word, `#${word.slice(1)}`);
        made.commented.push(from);
        made.errors.push({ place: { from, to: made.text.length }, message: problem });
      } else if (found !== null && typeof found !== 'string')
        add(found.name, found.text.endsWith('\n') ? found.text : `${found.text}\n`, 1, 0, [...around, found.name]);
      made.parts.push({ from: made.text.length, name, line, indent });
    }
    made.text += text.slice(at);
  };
  add(source.name, source.text, source.firstLine, source.indent, [source.name]);
  const whole = new Source(source.name, made.text, source.firstLine, source.indent);
  whole.parts = made.parts;
  whole.commented = made.commented;
  return { source: whole, errors: made.errors };
}

function problemOf(found: ReturnType<ReadInclude>, word: string, path: string, around: readonly string[]): string | null {
  if (found === null) return word === 'include' ? `cannot read ${path}: no such file` : null;
  if (typeof found === 'string') return `${word}_file "${path}": ${found}`;
  return around.includes(found.name) ? `${found.name} includes itself` : null;
}

/** Skips slash-star comments, which nest; markers within quotes and other comments have no meaning. */
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
