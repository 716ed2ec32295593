/**
 * Rows of a batch as the bytes of one packet, each value made to fit its column on the way: of COM_STMT_BULK_EXECUTE
 * (MariaDB: each value after an indicator, a type for each column) or COM_STMT_EXECUTE (bits for NULL, a type for each
 * value). The buffer is used again: the previous packet must have been answered.
 */
import { putPlainText, type ColumnValue, type Counters, type TableRows } from '../../base/index.js';
import { fitted, plainLength } from '../sql/fit-columns.js';
import type { TableColumn } from '../sql/table-column.js';
import { emptyValue, type Target } from '../sql/target.js';
import { BLOB, DOUBLE, LONG, LONGLONG, MAX_INT4, TEXT, UNSIGNED, wireType } from './wire-type.js';

const COM_STMT_EXECUTE = 0x17;
const COM_STMT_BULK_EXECUTE = 0xfa;
const SEND_TYPES = 0x80;
const IS_NULL = 1;
/** Bytes before the packet's own, for its header. */
const HEADER = 4;
/** Longest text that is tried as ASCII first (from there on the native encoder is faster), and the room that it or a number takes with its indicator. */
const PLAIN_TEXT = 100;
const PLAIN_ROOM = PLAIN_TEXT + 10;
const FIRST_BYTES = 64 * 1024;
/** A larger buffer is not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;

export class RowPacket {
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private at = 0;
  private readonly double = new Float64Array(1);
  private readonly doubleBytes = new Uint8Array(this.double.buffer);

  /** A statement of one row for all these rows, whose values have the same type in each column. */
  bulk(statement: number, target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Buffer {
    const { columns, places } = target;
    const count = columns.length;
    const width = rows.columns.length;
    this.begin(COM_STMT_BULK_EXECUTE, statement);
    this.room(2 + 2 * count);
    this.bytes[this.at++] = SEND_TYPES;
    this.bytes[this.at++] = 0;
    const typesAt = this.at;
    this.at += 2 * count;
    const types: number[] = columns.map(({ kind }) => (kind === 'text' ? TEXT : kind === 'bytes' ? BLOB : 0));
    const plain = columns.map((column) => plainLength(column, PLAIN_TEXT));
    for (let start = from * width; start < to * width; start += width) {
      this.room(count * PLAIN_ROOM);
      for (let i = 0; i < count; i++) {
        const place = places[i];
        const given = place < 0 ? emptyValue(columns[i]) : rows.values[start + place];
        const indicatorAt = this.at++;
        if (typeof given === 'string' && given.length <= plain[i] && this.plainText(given)) {
          this.bytes[indicatorAt] = 0;
          continue;
        }
        const type = this.value(given, columns[i], adjusted);
        this.room((count - i) * PLAIN_ROOM);
        this.bytes[indicatorAt] = type === 0 ? IS_NULL : 0;
        if (type === types[i] || type === 0) continue;
        if (types[i] !== 0) throw new Error(`values of column ${columns[i].name} have different types`);
        types[i] = type;
      }
    }
    for (let i = 0; i < count; i++) this.type(typesAt + 2 * i, types[i] || TEXT);
    return this.packet();
  }

  /** A statement of exactly these rows. */
  prepared(statement: number, target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Buffer {
    const { columns, places } = target;
    const width = rows.columns.length;
    const values = columns.length * (to - from);
    const bitmap = (values + 7) >> 3;
    this.begin(COM_STMT_EXECUTE, statement);
    this.room(6 + bitmap + 2 * values);
    // No cursor; one iteration.
    for (const byte of [0, 1, 0, 0, 0]) this.bytes[this.at++] = byte;
    const bitmapAt = this.at;
    this.at += bitmap;
    this.bytes.fill(0, bitmapAt, this.at);
    this.bytes[this.at++] = 1;
    let typeAt = this.at;
    this.at += 2 * values;
    const plain = columns.map((column) => plainLength(column, PLAIN_TEXT));
    let parameter = 0;
    for (let start = from * width; start < to * width; start += width) {
      for (let i = 0; i < columns.length; i++, parameter++, typeAt += 2) {
        const place = places[i];
        const given = place < 0 ? emptyValue(columns[i]) : rows.values[start + place];
        this.room(PLAIN_ROOM);
        const isPlain = typeof given === 'string' && given.length <= plain[i] && this.plainText(given);
        const type = isPlain ? TEXT : this.value(given, columns[i], adjusted);
        if (type === 0) this.bytes[bitmapAt + (parameter >> 3)] |= 1 << (parameter & 7);
        this.type(typeAt, type || TEXT);
      }
    }
    return this.packet();
  }

  private begin(command: number, statement: number): void {
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.bytes[HEADER] = command;
    this.at = HEADER + 1;
    this.int4(statement);
  }

  private packet(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  private type(at: number, type: number): void {
    this.bytes[at] = type;
    this.bytes[at + 1] = type >> 8;
  }

  /** Returns the type that it was written as, 0 for NULL. */
  private value(given: ColumnValue, column: TableColumn, adjusted: Counters): number {
    // What nearly all numbers are: nothing to adjust.
    if (typeof given === 'number' && column.kind === 'integer' && column.max <= MAX_INT4) {
      if (given >= column.min && given <= column.max && given === Math.floor(given)) {
        this.int4(given);
        return wireType(given, column);
      }
    }
    const value = fitted(given, column, adjusted);
    if (value === null) return 0;
    const type = wireType(value, column);
    switch (type) {
      case LONG:
      case LONG | UNSIGNED:
        this.int4(value as number);
        break;
      case LONGLONG:
      case LONGLONG | UNSIGNED:
        this.int4((value as number) % 2 ** 32);
        this.int4(Math.floor((value as number) / 2 ** 32));
        break;
      case DOUBLE:
        this.room(8);
        this.double[0] = value as number;
        this.bytes.set(this.doubleBytes, this.at);
        this.at += 8;
        break;
      case BLOB:
        this.blob(value as Buffer);
        break;
      default:
        if (typeof value === 'object') this.blob(value);
        else this.text(String(value));
    }
    return type;
  }

  /** Short text, for which there is room. False if it is not plain, with nothing written. */
  private plainText(value: string): boolean {
    if (!putPlainText(this.bytes, this.at + 1, value)) return false;
    this.bytes[this.at] = value.length;
    this.at += 1 + value.length;
    return true;
  }

  private text(value: string): void {
    const most = value.length * 3;
    this.room(9 + most);
    const prefix = most < 251 ? 1 : most < 0x10000 ? 3 : most < 0x1000000 ? 4 : 9;
    const length = this.bytes.write(value, this.at + prefix, 'utf8');
    this.length(length, prefix);
    this.at += length;
  }

  private blob(value: Buffer): void {
    const { length } = value;
    this.room(9 + length);
    this.length(length, length < 251 ? 1 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 9);
    this.bytes.set(value, this.at);
    this.at += length;
  }

  /** A length as an integer of that many bytes, its own prefix included. */
  private length(length: number, bytes: number): void {
    if (bytes > 1) this.bytes[this.at++] = bytes === 3 ? 0xfc : bytes === 4 ? 0xfd : 0xfe;
    for (let rest = length, i = bytes > 1 ? 1 : 0; i < bytes; i++, rest = Math.floor(rest / 256)) this.bytes[this.at++] = rest;
  }

  private int4(value: number): void {
    this.room(4);
    const { bytes, at } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.at = at + 4;
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + bytes));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}
