/** What a column is, and how a list of columns fills a row from a message. */
import type { ColumnValue, Counters, Message } from '../base/index.js';
import type { DateText, NodeText, StreamText } from './texts.js';

export type ColumnKind = 'time' | 'integer' | 'text' | 'bytes';

export interface Column {
  name: string;
  kind: ColumnKind;
  /** Maximum length of a text column in characters; 0 for other kinds. */
  width: number;
}

/** A column with its value; `fields` is the row's input besides the message (SIP fields, report fields). */
export interface RowColumn<Fields> extends Column {
  value(message: Message, fields: Fields, context: RowContext): ColumnValue;
}

/** What a row needs besides the message. */
export interface RowContext {
  /** `capture_node`. */
  captureNode: string;
  customField1: string;
  customField2: string;
  customField3: string;
  /** Text truncated to its column, by `cut_<column>`; times out of range, `clamped_date`. */
  cuts: Counters;
  dates: DateText;
  nodes: NodeText;
  /** For rows with the identity of their message. */
  streams?: StreamText;
}

/** One column for each member, named as it; built with the functions below. */
export type ColumnValueOf<Fields> = RowColumn<Fields>['value'];

export function text<Fields>(name: string, width: number, value: ColumnValueOf<Fields>): RowColumn<Fields> {
  return { name, kind: 'text', width, value };
}

export function integer<Fields>(name: string, value: ColumnValueOf<Fields>): RowColumn<Fields> {
  return { name, kind: 'integer', width: 0, value };
}

export function time<Fields>(name: string): RowColumn<Fields> {
  return { name, kind: 'time', width: 0, value: (message, _fields, context) => context.dates.at(message.capturedAt, context.cuts) };
}

/** The identity of the message, in databases that recognise rows by it. */
export function identity<Fields>(): RowColumn<Fields>[] {
  return [
    text('stream', 20, (message, _fields, context) => context.streams!.of(message.stream)),
    integer('sequence', (message) => message.sequence),
  ];
}

export function bytes<Fields>(name: string, value: ColumnValueOf<Fields>): RowColumn<Fields> {
  return { name, kind: 'bytes', width: 0, value };
}

/** Writes one row in the order of its columns from `into[at]` on. */
export type RowWriter<Fields> = (message: Message, fields: Fields, context: RowContext, into: ColumnValue[], at: number) => void;

/**
 * The writer for a list of columns, unrolled into a statement a column: a loop over functions costs five times as much,
 * because the compiler inlines only calls whose target never changes. Index by index: into a reused array
 * this costs a tenth of pushing onto a growing one.
 */
export function rowWriter<Fields>(columns: readonly RowColumn<Fields>[]): RowWriter<Fields> {
  const statements = columns.map((column, i) => {
    const value = `value${i}(message, fields, context)`;
    if (column.width === 0) return `into[at + ${i}] = ${value};`;
    return `text = ${value}; into[at + ${i}] = text.length > ${column.width} ? cut(text, columns[${i}], context.cuts) : text;`;
  });
  const values = columns.map((_, i) => `const value${i} = columns[${i}].value;`);
  const body = `${values.join('\n')}
return function writeRow(message, fields, context, into, at) {
let text;
${statements.join('\n')}
}`;
  // Built from numbers and fixed words only.
  return (new Function('columns', 'cut', body) as (list: typeof columns, cutText: typeof cut) => RowWriter<Fields>)(columns, cut);
}

/** The first `width` characters (code points, as databases count); counted if something is cut off. */
export function cut(value: string, { name, width }: Pick<Column, 'name' | 'width'>, cuts: Counters): string {
  if (value.length <= width) return value;
  let at = 0;
  for (let characters = 0; at < value.length && characters < width; characters++) at += value.codePointAt(at)! > 0xffff ? 2 : 1;
  if (at === value.length) return value;
  cuts.add(`cut_${name}`);
  return value.slice(0, at);
}
