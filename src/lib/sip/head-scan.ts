/**
 * One walk over the lines of a message: where the start line ends, where the first header of each kind stands,
 * where the body begins. Works on the bytes and on the same as Latin-1 text (equal offsets): finding a character
 * is fast in text, looking at one is fast in bytes.
 */
import { HEADER_COUNT, OTHER, headerAt, headerOf, type Colon } from './header-names.js';

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;

/** One scan serves all messages, one after the other. */
export class HeadScan {
  /** Begin and end of the value of the first header of each kind; -1 where absent. */
  readonly starts = new Int32Array(HEADER_COUNT);
  readonly ends = new Int32Array(HEADER_COUNT);
  /** End of the last header line, and begin of the body (-1 where the text ends before). */
  headEnd = 0;
  bodyAt = 0;
  /** True when a line was no header. */
  strayLine = false;
  private readonly found: Colon = { colon: 0 };

  /** Walks the lines behind the start line, which ends at `lineEnd` (with its CR). */
  scan(bytes: Uint8Array, text: string, lineEnd: number): void {
    const { starts, ends, found } = this;
    const to = text.length;
    starts.fill(-1);
    this.strayLine = false;
    let end = lineEnd;
    let line = end + 1;
    while (line < to) {
      const first = text.charCodeAt(line);
      if (first === LF || (first === CR && text.charCodeAt(line + 1) === LF)) break;
      end = lineFeed(text, line);
      // A line that begins with white space goes on with the one before it (RFC 3261 section 7.3.1).
      while (end + 1 < to && (bytes[end + 1] === SPACE || bytes[end + 1] === TAB)) end = lineFeed(text, end + 1);
      let header = headerAt(bytes, line, found);
      if (header === OTHER) header = this.unusual(bytes, line, end);
      if (header !== OTHER && starts[header] < 0) {
        const from = skipSpace(bytes, found.colon + 1, end);
        starts[header] = from;
        ends[header] = trimEnd(bytes, from, end);
      }
      line = end + 1;
    }
    this.headEnd = end > 0 && bytes[end - 1] === CR ? end - 1 : end;
    this.bodyAt = line >= to ? -1 : line + (text.charCodeAt(line) === CR ? 2 : 1);
  }

  /** Lines of other headers, of names with white space before the colon, and such as are no headers. */
  private unusual(bytes: Uint8Array, line: number, end: number): number {
    let colon = line;
    // A search of the text would run on beyond a line without a colon, from each such line again.
    while (colon < end && bytes[colon] !== COLON) colon++;
    if (colon === line || colon === end) {
      this.strayLine = true;
      return OTHER;
    }
    this.found.colon = colon;
    return bytes[colon - 1] > SPACE ? OTHER : headerOf(bytes, line, trimEnd(bytes, line, colon));
  }
}

/** The next line feed, or the end of the text. */
export function lineFeed(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

/** Behind white space: spaces, tabs and the line ends within a folded value. */
export function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] <= SPACE && isSpace(bytes[at])) at++;
  return at;
}

export function trimEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && bytes[end - 1] <= SPACE && isSpace(bytes[end - 1])) end--;
  return end;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF;
}
