/** Rows as RowBinary: each value as the type of its column writes it, without separators. */
import { Counters, type ColumnValue, type TableRows } from '../../base/index.js';
import { RowFault } from '../sql/faults.js';
import type { TableColumn } from '../sql/table-column.js';
import type { Target } from '../sql/target.js';
import { bareType } from './columns.js';

const FIRST_BYTES = 1 << 20;
const TWO_32 = 2 ** 32;

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
export function columnWriters({ columns, places }: Target): ColumnWriter[] {
  return columns.map((column, i) => {
    const bare = bareType(column.type);
    const kind = column.kind === 'bytes' ? 'text' : column.kind;
    if (kind !== 'text' && kind !== 'integer' && kind !== 'time')
      throw new RowFault(`column ${column.name} has the type ${column.type}: expected String, an integer type or DateTime`);
    const width = kind === 'integer' ? Number(/\d+$/.exec(bare)![0]) / 8 : 4;
    return { column, place: places[i], kind, width, nullable: /Nullable\(/.test(column.type) };
  });
}

export class RowBinaryEncoder {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private at = 0;
  private lastDate = '';
  private lastSecond = 0;
  private adjusted = new Counters();

  /** The rows of these numbers, and the values that were changed to fit; valid until the next call. */
  encode(writers: readonly ColumnWriter[], rows: TableRows, numbers: readonly number[], adjusted: Counters): Buffer {
    this.at = 0;
    this.adjusted = adjusted;
    const { values } = rows;
    const width = rows.columns.length;
    for (const number of numbers) {
      const start = number * width;
      for (const writer of writers) {
        const value = writer.place < 0 ? null : values[start + writer.place];
        if (writer.nullable) {
          this.reserve(1);
          this.bytes[this.at++] = value === null ? 1 : 0;
          if (value === null) continue;
        }
        if (writer.kind === 'text') this.text(value);
        else if (writer.kind === 'time') this.time(value, writer.column);
        else this.integer(value, writer);
      }
    }
    return this.bytes.subarray(0, this.at);
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  private text(value: ColumnValue): void {
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

  /** Most texts are short and of ASCII. */
  private string(value: string): void {
    const { length } = value;
    if (length < 40) {
      this.reserve(length + 1);
      const { bytes } = this;
      const start = this.at + 1;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[start + i] = code;
      }
      if (i === length) {
        bytes[this.at] = length;
        this.at = start + length;
        return;
      }
    }
    const count = Buffer.byteLength(value);
    this.length(count);
    this.reserve(count);
    this.at += this.bytes.write(value, this.at, count);
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

  private integer(value: ColumnValue, { column, width }: ColumnWriter): void {
    this.reserve(8);
    if (width === 8 && typeof value === 'string') {
      this.bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.at);
      this.at += 8;
      return;
    }
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

  private time(value: ColumnValue, column: TableColumn): void {
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
