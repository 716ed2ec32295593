/**
 * Results as RowBinary, which is cheaper to read than text. It has neither names nor types, so only columns of known types are
 * asked for, and a first column tells rows from the text of an error in the middle of a result.
 */
import type { ResultRow } from '../sql/queries.js';
import type { SelectedColumn } from '../sql/session.js';
import { ClickhouseError, errorOfText } from './faults.js';
import { isBytes, rowMaker, type MakeRow } from './tab-separated.js';

/** No text begins with it. */
const MARK = 255;
const BIT_32 = 2 ** 32;
/** Short texts repeat: addresses, names of agents. */
const REMEMBERED = 256;
const LONGEST = 48;

type Kind = 'text' | 'bytes' | 1 | 2 | 4 | 8;

interface Field {
  kind: Kind;
  isSigned: boolean;
  isNullable: boolean;
}

/** The query with the mark of each row before its columns. */
export function marked(sql: string): string {
  return sql.replace(/^SELECT /, `SELECT ${MARK} AS row_mark, `);
}

/** Null if a type has another form than text or a whole number. */
export function binaryRows(columns: readonly SelectedColumn[]): BinaryRowDecoder | null {
  const fields = columns.map(fieldOf);
  const known = fields.filter((field): field is Field => field !== null);
  return known.length < fields.length ? null : new BinaryRowDecoder(known, rowMaker(columns.map(({ name }) => name)));
}

function fieldOf({ name, type }: SelectedColumn): Field | null {
  const plain = /^LowCardinality\((.*)\)$/.exec(type)?.[1] ?? type;
  const inner = /^Nullable\((.*)\)$/.exec(plain)?.[1];
  const bare = inner ?? plain;
  const isNullable = inner !== undefined;
  if (bare === 'String') return { kind: isBytes(name) ? 'bytes' : 'text', isSigned: false, isNullable };
  const integer = /^(U?)Int(8|16|32|64)$/.exec(bare);
  return integer === null ? null : { kind: (Number(integer[2]) / 8) as Kind, isSigned: integer[1] === '', isNullable };
}

export class BinaryRowDecoder {
  private rest: Buffer = Buffer.alloc(0);
  private at = 0;
  private isText = false;
  private readonly values: unknown[];
  private readonly texts: string[] = new Array<string>(REMEMBERED).fill('');
  /** The last number that is none of JavaScript's: most rows are of few streams. */
  private large = { low: 0, high: 0, value: 0n };

  constructor(
    private readonly fields: readonly Field[],
    private readonly makeRow: MakeRow,
  ) {
    this.values = fields.map(() => null);
  }

  /** The rows that the chunk completes; they share its memory, nearly all of which is theirs. */
  rows(chunk: Buffer): ResultRow[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const rows: ResultRow[] = [];
    let start = 0;
    while (start < bytes.length && !this.isText) {
      this.isText = bytes[start] !== MARK;
      this.at = start + 1;
      if (this.isText || !this.row(bytes)) break;
      rows.push(this.makeRow(this.values));
      start = this.at;
    }
    this.rest = bytes.subarray(start);
    return rows;
  }

  /** Throws if the result is not complete. */
  end(): void {
    if (this.rest.length === 0) return;
    const text = this.rest.toString('utf8');
    const error = errorOfText(text.slice(Math.max(0, text.search(/Code: \d/))));
    if (error === null && this.isText) throw new ClickhouseError(`unexpected response of the server: ${text.slice(0, 200)}`, 0);
    throw error ?? new Error('incomplete response of the server');
  }

  /** False if the row goes on in the next chunk. */
  private row(bytes: Buffer): boolean {
    const { fields, values } = this;
    const { length } = bytes;
    for (let i = 0; i < fields.length; i++) {
      const { kind, isSigned, isNullable } = fields[i];
      if (isNullable) {
        if (this.at >= length) return false;
        if (bytes[this.at++] === 1) {
          values[i] = null;
          continue;
        }
      }
      if (typeof kind === 'number') {
        if (this.at + kind > length) return false;
        values[i] =
          kind === 8 ? this.long(bytes, this.at, isSigned) : isSigned ? bytes.readIntLE(this.at, kind) : bytes.readUIntLE(this.at, kind);
        this.at += kind;
        continue;
      }
      const size = this.size(bytes);
      const start = this.at;
      if (size < 0 || start + size > length) return false;
      this.at += size;
      values[i] = kind === 'bytes' ? bytes.subarray(start, start + size) : this.text(bytes, start, size);
    }
    return true;
  }

  /** Seven bits a byte; -1 if it is cut. */
  private size(bytes: Buffer): number {
    let size = 0;
    for (let factor = 1; this.at < bytes.length; factor *= 128) {
      const byte = bytes[this.at++];
      size += (byte & 127) * factor;
      if (byte < 128) return size;
    }
    return -1;
  }

  private long(bytes: Buffer, at: number, isSigned: boolean): number | bigint {
    const low = bytes.readUInt32LE(at);
    const high = isSigned ? bytes.readInt32LE(at + 4) : bytes.readUInt32LE(at + 4);
    const number = high * BIT_32 + low;
    if (Number.isSafeInteger(number)) return number;
    if (this.large.low !== low || this.large.high !== high)
      this.large = { low, high, value: isSigned ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at) };
    return this.large.value;
  }

  private text(bytes: Buffer, start: number, size: number): string {
    if (size === 0) return '';
    if (size > LONGEST) return bytes.utf8Slice(start, start + size);
    let hash = size;
    for (let i = start; i < start + size; i++) hash = (hash * 31 + bytes[i]) | 0;
    const place = hash & (REMEMBERED - 1);
    const known = this.texts[place];
    if (known.length === size) {
      let i = 0;
      while (i < size && known.charCodeAt(i) === bytes[start + i]) i++;
      if (i === size) return known;
    }
    const text = bytes.utf8Slice(start, start + size);
    // Of other letters the codes are no bytes.
    if (text.length === size) this.texts[place] = text;
    return text;
  }
}
