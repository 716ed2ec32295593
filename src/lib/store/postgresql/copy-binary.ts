/**
 * Rows in PostgreSQL's binary format for COPY (documentation of COPY, "Binary Format"): signature, flags, then for
 * each row the count of its fields and each field as length and bytes, all big endian; -1 rows at the end. Nothing
 * to escape and nothing for the server to parse, but the bytes must match the column's type exactly.
 */
import { putPlainText, putU16, putU32, type ColumnValue, type Counters, type TableRows } from '../../base/index.js';
import { RowFault } from '../sql/faults.js';
import { fitted, plainLength } from '../sql/fit-columns.js';
import type { TableColumn } from '../sql/table-column.js';
import { emptyValue, type Target } from '../sql/target.js';

/**
 * How a type's values are encoded: text and bytea as they are, jsonb as its version and text, integers of so many bytes, time as
 * microseconds since 2000.
 */
export type BinaryType = 'text' | 'bytea' | 'jsonb' | 'int2' | 'int4' | 'int8' | 'time';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TYPES: Readonly<Record<string, BinaryType>> = {
  varchar: 'text',
  bpchar: 'text',
  text: 'text',
  bytea: 'bytea',
  jsonb: 'jsonb',
  int2: 'int2',
  int4: 'int4',
  int8: 'int8',
  timestamptz: 'time',
  timestamp: 'time',
};
/** 2000-01-01 00:00:00 UTC in milliseconds since 1970. */
const EPOCH_MS = 946_684_800_000;
/** Room for a row at least; later as much as the previous rows needed. */
const ROW_BYTES = 1500;
/** A larger buffer is not kept. */
const KEPT_BYTES = 1024 * 1024;

/** First byte of a jsonb value. */
const JSONB_VERSION = 1;
/** Longest text that is tried as ASCII first: from there on the native encoder is faster. */
const PLAIN_TEXT = 100;
/** `YYYY-MM-DD HH:MM:SS`. */
const SECOND_LENGTH = 19;

/** Of a time with a fraction of six digits; 0 without one. */
function microseconds(time: string): number {
  return time.length === SECOND_LENGTH + 7 && time[SECOND_LENGTH] === '.' ? Number(time.slice(SECOND_LENGTH + 1)) : 0;
}

/** Undefined for types whose encoding is not implemented. */
export function binaryType(type: string): BinaryType | undefined {
  return TYPES[type];
}

export class CopyBinary {
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private rowBytes = ROW_BYTES;
  private lastTime = '';
  private lastMilliseconds = 0;

  /**
   * The rows from..to, each value made to fit its column; with the signature before the first, the end after the last. `isFree`: nobody
   * reads the previous bytes any more, so that their memory is used again: new memory is made of pages that the system must provide.
   */
  encode(
    { columns, places }: Target,
    types: readonly BinaryType[],
    rows: TableRows,
    [from, to]: readonly [number, number],
    adjusted: Counters,
    [isFirst, isLast]: readonly [boolean, boolean],
    isFree: boolean,
  ): Buffer {
    const count = columns.length;
    const width = rows.columns.length;
    const plain = columns.map((column, i) => (types[i] === 'text' ? plainLength(column, PLAIN_TEXT) : -1));
    const wanted = (to - from) * this.rowBytes + 256;
    if (!isFree || this.bytes.length < wanted || this.bytes.length > Math.max(wanted, KEPT_BYTES))
      this.bytes = Buffer.allocUnsafeSlow(wanted);
    this.at = isFirst ? SIGNATURE.copy(this.bytes) : 0;
    for (let start = from * width; start < to * width; start += width) {
      this.room(2);
      putU16(this.bytes, this.at, count);
      this.at += 2;
      for (let i = 0; i < count; i++) {
        const place = places[i];
        const given = place < 0 ? emptyValue(columns[i]) : rows.values[start + place];
        if (typeof given === 'string') {
          if (given.length <= plain[i] && this.plainText(given)) continue;
        } else if (typeof given === 'number' && types[i] === 'int4' && fits(given, columns[i])) {
          this.int4(given);
          continue;
        }
        this.put(fitted(given, columns[i], adjusted), columns[i], types[i]);
      }
    }
    if (isLast) {
      this.room(2);
      putU16(this.bytes, this.at, 0xffff);
      this.at += 2;
    }
    this.rowBytes = Math.max(ROW_BYTES, Math.min(Math.ceil(this.at / Math.max(to - from, 1)) + 100, 65_536));
    return this.bytes.subarray(0, this.at);
  }

  private put(value: ColumnValue, column: TableColumn, type: BinaryType): void {
    if (value === null) {
      this.length(0xffffffff);
      return;
    }
    switch (type) {
      case 'text':
        if (typeof value === 'object') this.bytea(value);
        else this.text(typeof value === 'string' ? value : String(value), 0);
        return;
      case 'jsonb':
        this.text(String(value), JSONB_VERSION);
        return;
      case 'bytea':
        this.bytea(value as Buffer);
        return;
      case 'time':
        this.int8((this.milliseconds(value, column) - EPOCH_MS) * 1000 + microseconds(String(value)));
        return;
      default:
        this.integer(Number(value), column, type);
    }
  }

  /** `version`: a byte before the text, 0 for none. */
  private text(value: string, version: number): void {
    const { length } = value;
    this.room(5 + length * 3);
    const { bytes } = this;
    const begin = this.at + 4;
    const start = version === 0 ? begin : begin + 1;
    if (version !== 0) bytes[begin] = version;
    const written = bytes.write(value, start, 'utf8');
    putU32(bytes, this.at, start + written - begin);
    this.at = start + written;
  }

  /** False if it is not plain, with nothing written. */
  private plainText(value: string): boolean {
    const { length } = value;
    this.room(4 + length);
    if (!putPlainText(this.bytes, this.at + 4, value)) return false;
    putU32(this.bytes, this.at, length);
    this.at += 4 + length;
    return true;
  }

  private bytea(value: Buffer): void {
    this.length(value.length);
    this.room(value.length);
    value.copy(this.bytes, this.at);
    this.at += value.length;
  }

  private integer(value: number, column: TableColumn, type: BinaryType): void {
    if (!Number.isInteger(value)) throw new RowFault(`column ${column.name} takes whole numbers`);
    if (type === 'int8') {
      this.int8(value);
    } else if (type === 'int4') {
      this.int4(value);
    } else {
      this.length(2);
      this.room(2);
      putU16(this.bytes, this.at, value);
      this.at += 2;
    }
  }

  private int4(value: number): void {
    this.room(8);
    const { bytes, at } = this;
    putU32(bytes, at, 4);
    putU32(bytes, at + 4, value);
    this.at = at + 8;
  }

  private int8(value: number): void {
    this.room(12);
    const { bytes, at } = this;
    putU32(bytes, at, 8);
    putU32(bytes, at + 4, Math.floor(value / 2 ** 32));
    putU32(bytes, at + 8, value % 2 ** 32);
    this.at = at + 12;
  }

  /** Milliseconds since 1970 of `YYYY-MM-DD HH:MM:SS`, without what follows; cached, as many rows share a second. */
  private milliseconds(value: ColumnValue, column: TableColumn): number {
    const second = String(value).slice(0, SECOND_LENGTH);
    if (second !== this.lastTime) {
      const milliseconds = Date.parse(`${second.replace(' ', 'T')}Z`);
      if (Number.isNaN(milliseconds)) throw new RowFault(`column ${column.name} takes times`);
      this.lastTime = second;
      this.lastMilliseconds = milliseconds;
    }
    return this.lastMilliseconds;
  }

  private length(length: number): void {
    this.room(4);
    putU32(this.bytes, this.at, length);
    this.at += 4;
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + bytes));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

function fits(value: number, { kind, min, max }: TableColumn): boolean {
  return kind === 'integer' && value >= min && value <= max && value === Math.floor(value);
}
