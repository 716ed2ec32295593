/**
 * JSON objects as columns: a list of members, each with its name and how its value is taken from a message, becomes one
 * function that writes the object's text.
 */
import type { Counters, Message } from '../base/index.js';
import { cut, type RowColumn, type RowContext } from './column.js';

export type JsonWriter<Fields, Context extends RowContext> = (message: Message, fields: Fields, context: Context) => string;

/** What JSON escapes, and halves of surrogate pairs, which databases refuse even escaped. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /["\\\u0000-\u001f\ud800-\udfff]/;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\0/g;

/** A text as JSON; what PostgreSQL's jsonb cannot hold is replaced. */
export function jsonText(value: string): string {
  return UNSAFE.test(value) ? JSON.stringify(value.replace(LONE, '\ufffd')) : `"${value}"`;
}

/** Unrolled like `rowWriter`, for the same reason. Names are constants or checked header names: letters, digits, `_` and `-`. */
export function jsonWriter<Fields, Context extends RowContext = RowContext>(
  members: readonly RowColumn<Fields>[],
): JsonWriter<Fields, Context> {
  const parts = members.map(({ name, kind, width }, i) => {
    const label = JSON.stringify(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    const value = `value${i}(message, fields, context)`;
    return `${label} + ${kind === 'integer' ? value : `text(fitted(${value}, columns[${i}], ${width}, context.cuts))`}`;
  });
  const values = members.map((_, i) => `const value${i} = columns[${i}].value;`);
  const body = `${values.join('\n')}
return function writeObject(message, fields, context) {
return ${parts.join(' +\n')} + '}';
}`;
  return (
    new Function('columns', 'text', 'fitted', body) as (
      list: typeof members,
      text: typeof jsonText,
      fit: typeof fitted,
    ) => JsonWriter<Fields, Context>
  )(members, jsonText, fitted);
}

function fitted(value: string, column: Pick<RowColumn<never>, 'name' | 'width'>, width: number, cuts: Counters): string {
  return value.length > width ? cut(value, column, cuts) : value;
}
