/**
 * One pass over the lines of a message: the end of the start line, the first header of each kind, the start of the body.
 * Works on the bytes and on the same bytes as Latin-1 text (equal offsets): searching is fast in text, access is fast in
 * bytes.
 */
import { HEADER_COUNT, OTHER, headerAt, headerOf, type Colon } from './header-names.js';

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;

/** One scan is reused for all messages. */
export class HeadScan {
  /** Start and end of the value of the first header of each kind; -1 if absent. */
  readonly starts = new Int32Array(HEADER_COUNT);
  readonly ends = new Int32Array(HEADER_COUNT);
  /** End of the last header line, and start of the body (-1 if the text ends before). */
  headEnd = 0;
  bodyAt = 0;
  /** True if a line was not a header. */
  strayLine = false;
  private readonly found: Colon = { colon: 0 };

  /** Scans the lines after the start line, which ends at `lineEnd` (including its CR). */
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
      // A line that begins with white space continues the one before (RFC 3261 section 7.3.1).
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

  /** Other headers, names with white space before the colon, and lines that are not headers. */
  private unusual(bytes: Uint8Array, line: number, end: number): number {
    let colon = line;
    // Searching the text would run past a line without a colon, again for each such line.
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

/** Skips spaces, tabs and the line ends within a folded value. */
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
