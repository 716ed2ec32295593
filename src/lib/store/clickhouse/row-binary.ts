/** Rows as RowBinary: each value as the type of its column writes it, without separators. */
import { putPlainText, type ColumnValue, Counters, type TableRows } from '../../base/index.js';
import { RowFault } from '../sql/faults.js';
import type { TableColumn } from '../sql/table-column.js';
import type { Target } from '../sql/target.js';
import { bareType } from './columns.js';

const FIRST_BYTES = 1 << 20;
const TWO_32 = 2 ** 32;
/** More than the fixed bytes of a row: integers, times, lengths. */
const SLACK = 16_384;
/** Length of texts that are copied here rather than by a call. */
const SHORT = 40;

/** How a column is written. */
interface ColumnWriter {
  column: TableColumn;
  place: number;
  kind: 'text' | 'integer' | 'time';
  /** Bytes of an integer. */
  width: number;
  nullable: boolean;
}

/** The writers of a target's columns; throws where a type is not supported. */
function columnWriters({ columns, places }: Pick<Target, 'columns' | 'places'>): ColumnWriter[] {
  return columns.map((column, i) => {
    const bare = bareType(column.type);
    const kind = column.kind === 'bytes' ? 'text' : column.kind;
    if (kind !== 'text' && kind !== 'integer' && kind !== 'time')
      throw new RowFault(`column ${column.name} has the type ${column.type}: expected String, an integer type or DateTime`);
    const width = kind === 'integer' ? Number(/\d+$/.exec(bare)![0]) / 8 : 4;
    return { column, place: places[i], kind, width, nullable: /Nullable\(/.test(column.type) };
  });
}

/** Writes the row whose values begin there. */
export type WriteRow = (encoder: RowBinaryEncoder, values: readonly ColumnValue[], start: number) => void;

/** Unrolled into statements for each column, as `rowWriter` is: the usual values of a column take no call through tables. */
export function rowEncoder(target: Pick<Target, 'columns' | 'places'>): WriteRow {
  const writers = columnWriters(target);
  const statements = writers.map((writer, i) => {
    const { column, place, kind, width, nullable } = writer;
    const value = place < 0 ? 'null' : `values[start + ${place}]`;
    const flag = nullable ? `e.byte(v === null ? 1 : 0); if (v !== null) ` : '';
    if (kind === 'text')
      return `v = ${value}; ${flag}{ if (v === '') e.byte(0); else if (typeof v === 'string') e.string(v); else e.text(v); }`;
    if (kind === 'time') return `v = ${value}; ${flag}e.time(v, writers[${i}].column);`;
    const usual = { 1: 'byte', 2: 'two', 8: 'eight' }[width];
    const quick =
      usual === undefined
        ? ''
        : `if (typeof v === 'number' && v >= 0 && v <= ${Math.min(column.max, Number.MAX_SAFE_INTEGER)}) e.${usual}(v); else `;
    return `v = ${value}; ${flag}{ ${quick}e.integer(v, writers[${i}]); }`;
  });
  const body = `return function writeRow(e, values, start) { let v;\n${statements.join('\n')}\n}`;
  // Built from numbers and fixed words only.
  return (new Function('writers', body) as (list: typeof writers) => WriteRow)(writers);
}

export class RowBinaryEncoder {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private at = 0;
  private lastDate = '';
  private lastSecond = 0;
  private lastDigits = '';
  private readonly lastDigitsBytes = Buffer.alloc(8);
  private adjusted = new Counters();

  /** The rows of these numbers, and the values that were changed to fit; valid until the next call. */
  encode(write: WriteRow, rows: TableRows, numbers: readonly number[], adjusted: Counters): Buffer {
    this.begin(adjusted);
    const { values } = rows;
    const width = rows.columns.length;
    for (const number of numbers) this.row(write, values, number * width);
    return this.part(0, this.at);
  }

  /** Forgets what was encoded; changed values are counted there from now on. */
  begin(adjusted: Counters): void {
    this.at = 0;
    this.adjusted = adjusted;
  }

  /** Appends a row; returns where it begins. */
  row(write: WriteRow, values: readonly ColumnValue[], start: number): number {
    this.reserve(0);
    const { at } = this;
    write(this, values, start);
    return at;
  }

  get end(): number {
    return this.at;
  }

  /** The time that was written there. */
  second(at: number): number {
    return this.bytes.readUInt32LE(at);
  }

  /** Bytes from..to; valid until more is encoded. */
  part(from: number, to: number): Buffer {
    return this.bytes.subarray(from, to);
  }

  /** Room for so many bytes and the fixed ones of a row. */
  private reserve(count: number): void {
    if (this.at + count + SLACK <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + count + SLACK));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  two(value: number): void {
    this.bytes[this.at++] = value & 0xff;
    this.bytes[this.at++] = value >>> 8;
  }

  eight(value: number): void {
    const { bytes, at } = this;
    let low = value % TWO_32;
    let high = (value - low) / TWO_32;
    for (let i = 0; i < 4; i++) {
      bytes[at + i] = low & 0xff;
      bytes[at + 4 + i] = high & 0xff;
      low >>>= 8;
      high >>>= 8;
    }
    this.at = at + 8;
  }

  /** 64 bits in decimal digits, the same for many rows. */
  digits(value: string): void {
    if (value !== this.lastDigits) {
      this.lastDigitsBytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      this.lastDigits = value;
    }
    this.bytes.set(this.lastDigitsBytes, this.at);
    this.at += 8;
  }

  text(value: ColumnValue): void {
    if (typeof value === 'string') this.string(value);
    else if (value === null) this.length(0);
    else if (typeof value === 'number') this.string(String(value));
    else {
      this.length(value.length);
      this.reserve(value.length);
      this.bytes.set(value, this.at);
      this.at += value.length;
    }
  }

  /** Most texts are short and of ASCII; short ones of all columns fit in what is reserved for a row. */
  string(value: string): void {
    const { length } = value;
    if (length < SHORT && putPlainText(this.bytes, this.at + 1, value)) {
      this.bytes[this.at] = length;
      this.at += 1 + length;
    } else this.longString(value);
  }

  /** In one call where it is of ASCII. */
  private longString(value: string): void {
    const { length } = value;
    this.reserve(length * 3 + 5);
    const start = this.at;
    this.length(length);
    const written = this.bytes.utf8Write(value, this.at);
    if (written === length) this.at += length;
    else {
      this.at = start;
      this.length(written);
      this.at += this.bytes.utf8Write(value, this.at);
    }
  }

  private length(value: number): void {
    this.reserve(5);
    let left = value;
    while (left >= 0x80) {
      this.bytes[this.at++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.bytes[this.at++] = left;
  }

  integer(value: ColumnValue, { column, width }: ColumnWriter): void {
    this.reserve(8);
    if (width === 8 && typeof value === 'string') return this.digits(value);
    let number = Math.trunc(Number(value ?? 0)) || 0;
    if (number < column.min || number > column.max) {
      this.adjusted.add(`clamped_${column.name}`);
      number = number < column.min ? column.min : column.max;
    }
    const { bytes } = this;
    let low = (number % TWO_32) | 0;
    if (number < -0x8000_0000 || number > 0xffff_ffff) low = Number(BigInt.asIntN(32, BigInt(number)));
    for (let i = 0; i < Math.min(width, 4); i++) bytes[this.at++] = (low >> (8 * i)) & 0xff;
    if (width < 8) return;
    const high = Math.floor(number / TWO_32) | 0;
    for (let i = 0; i < 4; i++) bytes[this.at++] = (high >> (8 * i)) & 0xff;
  }

  time(value: ColumnValue, column: TableColumn): void {
    const second = typeof value === 'number' ? value : this.secondOf(value === null ? column.earliest : String(value), column);
    this.reserve(4);
    this.at = this.bytes.writeUInt32LE(second, this.at);
  }

  /** Traffic comes many to the second. */
  private secondOf(date: string, { name, earliest, latest }: TableColumn): number {
    if (date === this.lastDate) return this.lastSecond;
    let text = date;
    if (date < earliest || date > latest) {
      this.adjusted.add(`clamped_${name}`);
      text = date < earliest ? earliest : latest;
    }
    const second = Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`) / 1000;
    if (Number.isNaN(second)) throw new RowFault(`invalid time '${date}' for column ${name}`);
    // Not remembered if it was clamped: each is counted.
    if (text === date) [this.lastDate, this.lastSecond] = [date, second];
    return second;
  }
}
