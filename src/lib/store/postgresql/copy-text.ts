/**
 * Rows in PostgreSQL's text format for COPY (documentation of COPY, "Text Format"): one line per row, tabs between the
 * values, `\N` for NULL, a backslash before characters with a meaning; bytea as `\x` and hexadecimal digits.
 */
import type { ColumnValue } from '../../base/index.js';
import type { TableColumn } from '../sql/table-column.js';

const ESCAPES: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 92: '\\\\' };

/** `values`: flat, one for each column of a row. */
export function copyText(values: readonly ColumnValue[], columns: readonly Pick<TableColumn, 'kind'>[]): Buffer {
  const width = columns.length;
  let text = '';
  for (let at = 0; at < values.length; at += width) {
    text += valueText(values[at], columns[0]);
    for (let i = 1; i < width; i++) text += '\t' + valueText(values[at + i], columns[i]);
    text += '\n';
  }
  return Buffer.from(text, 'utf8');
}

function valueText(value: ColumnValue, { kind }: Pick<TableColumn, 'kind'>): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if (value !== null && kind === 'text') return escaped(value.toString('utf8'));
  return value === null ? '\\N' : `\\\\x${value.toString('hex')}`;
}

function escaped(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92 || (code < 14 && code > 7)) return escapedFrom(text, i);
  }
  return text;
}

function escapedFrom(text: string, first: number): string {
  let result = text.slice(0, first);
  for (let i = first; i < text.length; i++) result += ESCAPES[text.charCodeAt(i)] ?? text[i];
  return result;
}
