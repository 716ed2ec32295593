/**
 * Results as TabSeparatedWithNamesAndTypes, the format that all versions have and that keeps any bytes: a line of names, one of
 * types, then a line for each row. An error in the middle of a result is its last line.
 */
import type { ResultRow } from '../sql/queries.js';
import { bareType } from './columns.js';
import { ClickhouseError, errorOfText } from './faults.js';

const [TAB, NEWLINE, BACKSLASH, MINUS, ZERO, CAPITAL_N] = [9, 10, 92, 45, 48, 78];
/** Bytes by the letter after a backslash; others stand for themselves. */
const ESCAPES = Uint8Array.from({ length: 256 }, (_, letter) => letter);
for (const [i, letter] of [...'bfrnt0'].entries()) ESCAPES[letter.charCodeAt(0)] = [8, 12, 13, 10, 9, 0][i];
const BYTES = ['msg', 'data'];
/** Digits of a number that is exact. */
const EXACT_DIGITS = 15;

const SLAB_BYTES = 65_536;

/** The value of a field: the bytes from `start` to `end`. */
type Reader = (bytes: Buffer, start: number, end: number) => unknown;
export type MakeRow = (values: readonly unknown[]) => ResultRow;

export class TabSeparatedDecoder {
  private rest: Buffer = Buffer.alloc(0);
  private names: string[] | null = null;
  private readers: Reader[] | null = null;
  private makeRow: MakeRow = () => ({});
  private values: unknown[] = [];
  private readonly copies = new Copies();

  /** The rows that the chunk completes. */
  rows(chunk: Buffer): ResultRow[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const rows: ResultRow[] = [];
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      if (this.readers === null) this.head(bytes.subarray(at, end));
      else rows.push(this.row(bytes, at, end, this.readers));
      at = end + 1;
    }
    this.rest = bytes.subarray(at);
    return rows;
  }

  /** Throws if the result is not complete. */
  end(): void {
    if (this.rest.length > 0) throw errorOfText(this.rest.toString('utf8')) ?? new Error('incomplete response of the server');
  }

  private head(line: Buffer): void {
    const error = errorOfText(line.toString('utf8'));
    if (error !== null) throw error;
    const fields = fieldsOf(line);
    if (this.names === null) {
      this.names = fields;
      return;
    }
    const { names } = this;
    if (fields.length !== names.length) throw unexpected(line.toString('utf8'));
    this.readers = fields.map((type, i) => readerOf(names[i], type, this.copies));
    this.values = names.map(() => null);
    this.makeRow = rowMaker(names);
  }

  private row(bytes: Buffer, start: number, lineEnd: number, readers: readonly Reader[]): ResultRow {
    const { values } = this;
    const last = readers.length - 1;
    let at = start;
    for (let i = 0; i <= last; i++) {
      let end = lineEnd;
      if (i < last) {
        end = at;
        while (end < lineEnd && bytes[end] !== TAB) end++;
        if (end === lineEnd) throw unexpected(bytes.toString('utf8', start, lineEnd));
      }
      values[i] = readers[i](bytes, at, end);
      at = end + 1;
    }
    return this.makeRow(values);
  }
}

function unexpected(line: string): Error {
  return errorOfText(line) ?? new ClickhouseError(`unexpected response of the server: ${line.slice(0, 200)}`, 0);
}

/** As one literal, so that all rows have the same hidden class. */
export function rowMaker(names: readonly string[]): MakeRow {
  const members = names.map((name, i) => `${JSON.stringify(name)}: values[${i}]`);
  return new Function('values', `return { ${members.join(', ')} };`) as MakeRow;
}

function fieldsOf(line: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; ;) {
    const tab = line.indexOf(TAB, at);
    const end = tab < 0 ? line.length : tab;
    fields.push(String(text(line, at, end)));
    if (tab < 0) return fields;
    at = end + 1;
  }
}

function readerOf(name: string, type: string, copies: Copies): Reader {
  const bare = bareType(type);
  if (/^U?Int(?:8|16|32|64)$/.test(bare)) return wholeNumber;
  if (/^Float(?:32|64)$/.test(bare))
    return (bytes, start, end) => (isNull(bytes, start, end) ? null : Number(bytes.latin1Slice(start, end)));
  if (bare !== 'String' || !isBytes(name)) return text;
  return (bytes, start, end) => (isNull(bytes, start, end) ? null : copies.unescaped(bytes, start, end));
}

/** Whether a column is of bytes rather than text, under that name in any table. */
export function isBytes(name: string): boolean {
  return BYTES.includes(name);
}

/** Text if a number would not be exact. */
function wholeNumber(bytes: Buffer, start: number, end: number): unknown {
  if (isNull(bytes, start, end)) return null;
  const first = bytes[start] === MINUS ? start + 1 : start;
  if (end - first > EXACT_DIGITS) {
    const digits = bytes.latin1Slice(start, end);
    const number = Number(digits);
    return Number.isSafeInteger(number) ? number : digits;
  }
  let value = 0;
  for (let i = first; i < end; i++) value = value * 10 + (bytes[i] - ZERO);
  return first > start ? -value : value;
}

function text(bytes: Buffer, start: number, end: number): string | null {
  if (start === end) return '';
  if (isNull(bytes, start, end)) return null;
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return new Copies(end - start).unescaped(bytes, start, end).utf8Slice();
  return bytes.utf8Slice(start, end);
}

function isNull(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === CAPITAL_N;
}

/** Copies, as the chunk that a message came in must not be kept for it; they share slabs, which cost less than a buffer each. */
class Copies {
  private slab = Buffer.alloc(0);
  private at = 0;

  constructor(private readonly slabBytes = SLAB_BYTES) {}

  unescaped(bytes: Buffer, start: number, end: number): Buffer {
    if (this.at + end - start > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(Math.max(this.slabBytes, end - start));
      this.at = 0;
    }
    const { slab, at } = this;
    let to = at;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      slab[to++] = byte === BACKSLASH ? ESCAPES[bytes[++i]] : byte;
    }
    this.at = to;
    return slab.subarray(at, to);
  }
}
