/**
 * Makes a value fit its column, identically in all databases: text is truncated to the column's width, characters it
 * cannot hold is replaced, numbers and times are clamped. Every change is counted under the column's name.
 */
import { isUtf8 } from 'node:buffer';
import type { ColumnValue, Counters } from '../../base/index.js';
import type { TableColumn } from './table-column.js';

export function fitted(value: ColumnValue, column: TableColumn, adjusted: Counters): ColumnValue {
  switch (column.kind) {
    case 'text':
      return typeof value === 'string' ? fittedText(value, column, adjusted) : textOf(value, column, adjusted);
    case 'bytes':
      return typeof value === 'object' ? fittedBytes(value, column, adjusted) : Buffer.from(String(value));
    case 'integer':
      if (typeof value !== 'number' || (value >= column.min && value <= column.max)) return value;
      adjusted.add(`clamped_${column.name}`);
      return value < column.min ? column.min : column.max;
    case 'time':
      if (typeof value !== 'string' || (value >= column.earliest && value <= column.latest)) return value;
      adjusted.add(`clamped_${column.name}`);
      return value < column.earliest ? column.earliest : column.latest;
    case 'parsed':
      return value === '' && column.nullable ? null : value;
    default:
      return value;
  }
}

/** Length up to which, but for `most`, ASCII text without NUL certainly fits; -1 for columns that are not text. */
export function plainLength({ kind, characters, bytes }: TableColumn, most: number): number {
  return kind === 'text' ? Math.min(most, characters, bytes) : -1;
}

/** `replaced`: something in it was replaced before. */
function fittedText(value: string, column: TableColumn, adjusted: Counters, replaced = false): string {
  let text = value;
  // PostgreSQL rejects NUL in text; the others show such text truncated.
  if (text.includes('\0')) text = text.replaceAll('\0', replacement(column));
  if (column.highest < 0x10ffff) text = narrowed(text, column);
  if (replaced || text !== value) adjusted.add(`replaced_${column.name}`);
  if (text.length > column.characters || text.length * 3 > column.bytes) text = cutText(text, column, adjusted);
  return text;
}

/** Bytes or a number in a text column. */
function textOf(value: Buffer | number | null, column: TableColumn, adjusted: Counters): ColumnValue {
  if (value === null || (column.takesBytes && typeof value === 'object')) return value;
  if (typeof value === 'number') return String(value);
  if (column.takesUtf8 && value.length * 3 <= column.bytes && isUtf8(value) && !value.includes(0)) return value;
  const text = value.utf8Slice(0, value.length);
  return fittedText(text, column, adjusted, text.includes('\ufffd'));
}

function fittedBytes(value: Buffer | null, column: TableColumn, adjusted: Counters): Buffer | null {
  if (value === null || value.length <= column.bytes) return value;
  adjusted.add(`cut_${column.name}`);
  return value.subarray(0, column.bytes);
}

/** Characters that the column's character set lacks become its replacement. */
function narrowed(text: string, column: TableColumn): string {
  let at = 0;
  while (at < text.length && has(column, text.charCodeAt(at))) at++;
  if (at === text.length) return text;
  let narrow = text.slice(0, at);
  for (const character of text.slice(at)) narrow += has(column, character.codePointAt(0)!) ? character : replacement(column);
  return narrow;
}

/** Databases' latin1 is Windows-1252, which has other characters where Unicode has the C1 controls. */
function has(column: TableColumn, code: number): boolean {
  if (code > column.highest || (code & 0xf800) === 0xd800) return false;
  return column.highest !== 0xff || code < 0x80 || code > 0x9f;
}

function replacement(column: TableColumn): string {
  return column.highest >= 0xfffd ? '\ufffd' : '?';
}

/** Whole characters (code points, as databases count) up to the column's width in characters and bytes. */
function cutText(text: string, column: TableColumn, adjusted: Counters): string {
  let at = 0;
  let bytes = 0;
  for (let characters = 0; at < text.length && characters < column.characters; characters++) {
    const code = text.codePointAt(at)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > column.bytes) break;
    at += code > 0xffff ? 2 : 1;
  }
  if (at === text.length) return text;
  adjusted.add(`cut_${column.name}`);
  return text.slice(0, at);
}
