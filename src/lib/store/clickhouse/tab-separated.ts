/**
 * Results as TabSeparatedWithNamesAndTypes, the format that all versions have and that keeps any bytes: a line of names, one of
 * types, then a line for each row. An error in the middle of a result is its last line.
 */
import type { ResultRow } from '../sql/queries.js';
import { bareType } from './columns.js';
import { ClickhouseError, errorOfText } from './faults.js';

const [TAB, NEWLINE, BACKSLASH] = [9, 10, 92];
const ESCAPES = new Map([...'bfrnt0'].map((letter, i) => [letter.charCodeAt(0), [8, 12, 13, 10, 9, 0][i]]));
/** Columns of bytes, in any table. */
const BYTES = ['msg', 'data'];

type Reader = (field: Buffer) => unknown;

export class TabSeparatedDecoder {
  private rest: Buffer = Buffer.alloc(0);
  private names: string[] | null = null;
  private readers: Reader[] | null = null;

  /** The rows that the chunk completes. */
  rows(chunk: Buffer): ResultRow[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const rows: ResultRow[] = [];
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      this.line(bytes.subarray(at, end), rows);
      at = end + 1;
    }
    this.rest = bytes.subarray(at);
    return rows;
  }

  /** Throws if the result is not complete. */
  end(): void {
    if (this.rest.length > 0) throw errorOfText(this.rest.toString('utf8')) ?? new Error('incomplete response of the server');
  }

  private line(line: Buffer, rows: ResultRow[]): void {
    if (this.names === null) {
      const error = errorOfText(line.toString('utf8'));
      if (error !== null) throw error;
      this.names = fieldsOf(line).map((field) => String(text(field)));
    } else if (this.readers === null) {
      this.readers = fieldsOf(line).map((field, i) => readerOf(this.names![i], String(text(field))));
    } else {
      rows.push(this.row(line, this.names, this.readers));
    }
  }

  private row(line: Buffer, names: readonly string[], readers: readonly Reader[]): ResultRow {
    const row: ResultRow = {};
    let at = 0;
    for (let i = 0; i < names.length; i++) {
      const end = i === names.length - 1 ? line.length : line.indexOf(TAB, at);
      if (end < 0) {
        const said = line.toString('utf8');
        throw errorOfText(said) ?? new ClickhouseError(`unexpected response of the server: ${said.slice(0, 200)}`, 0);
      }
      row[names[i]] = readers[i](line.subarray(at, end));
      at = end + 1;
    }
    return row;
  }
}

function fieldsOf(line: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; ;) {
    const end = line.indexOf(TAB, at);
    fields.push(line.subarray(at, end < 0 ? line.length : end));
    if (end < 0) return fields;
    at = end + 1;
  }
}

function readerOf(name: string, type: string): Reader {
  const bare = bareType(type);
  if (/^(?:U?Int(?:8|16|32)|Float(?:32|64))$/.test(bare)) return (field) => (isNull(field) ? null : Number(field.latin1Slice()));
  if (bare === 'Int64' || bare === 'UInt64') return wholeNumber;
  return bare === 'String' && BYTES.includes(name) ? bytes : text;
}

/** Text if a number would not be exact. */
function wholeNumber(field: Buffer): unknown {
  if (isNull(field)) return null;
  const digits = field.latin1Slice();
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

function text(field: Buffer): string | null {
  return isNull(field) ? null : unescaped(field).utf8Slice();
}

function bytes(field: Buffer): Buffer | null {
  return isNull(field) ? null : unescaped(field);
}

function isNull(field: Buffer): boolean {
  return field.length === 2 && field[0] === BACKSLASH && field[1] === 78;
}

function unescaped(field: Buffer): Buffer {
  let next = field.indexOf(BACKSLASH);
  if (next < 0) return field;
  const plain = Buffer.allocUnsafe(field.length);
  let at = 0;
  let to = 0;
  while (next >= 0) {
    to += field.copy(plain, to, at, next);
    const letter = field[next + 1];
    plain[to++] = ESCAPES.get(letter) ?? letter;
    at = next + 2;
    next = field.indexOf(BACKSLASH, at);
  }
  to += field.copy(plain, to, at);
  return plain.subarray(0, to);
}
