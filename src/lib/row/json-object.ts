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

/**
 * Unrolled like `rowWriter`, for the same reason. Names are constants or checked header names: letters, digits, `_` and `-`. Plain
 * ASCII is put together as bytes: a text concatenated from many parts is a tree of small objects, which live as long as the row.
 */
export function jsonWriter<Fields, Context extends RowContext = RowContext>(
  members: readonly RowColumn<Fields>[],
): JsonWriter<Fields, Context> {
  const labels = members.map(({ name, kind }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:${kind === 'integer' ? '' : '"'}`);
  const lines = members.map(({ kind, width }, i) => {
    const value = `columns[${i}].value(message, fields, context)`;
    return `const value${i} = ${kind === 'integer' ? `String(${value})` : `fitted(${value}, columns[${i}], ${width}, context.cuts)`};`;
  });
  const puts = members.map(({ kind }, i) => `at = ${kind === 'integer' ? 'plain' : 'quoted'}(bytes, labels[${i}], value${i}, at);`);
  const parts = members.map(({ name, kind }, i) => {
    const label = JSON.stringify(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    return `${label} + ${kind === 'integer' ? `value${i}` : `text(value${i})`}`;
  });
  const body = `return function writeObject(message, fields, context) {
${lines.join('\n')}
let at = 0;
${puts.join('\n')}
if (at < 0) return ${parts.join(' +\n')} + '}';
bytes[at] = ${BRACE};
return bytes.latin1Slice(0, at + 1);
}`;
  const size = members.reduce(
    (sum, { width, kind }, i) => sum + labels[i].length + 1 + (kind === 'integer' ? NUMBER_LENGTH : 2 * width),
    1,
  );
  return (
    new Function('columns', 'labels', 'bytes', 'plain', 'quoted', 'text', 'fitted', body) as (
      list: typeof members,
      labelBytes: readonly Uint8Array[],
      bytes: Buffer,
      plain: typeof putPlain,
      quoted: typeof putQuoted,
      text: typeof jsonText,
      fit: typeof fitted,
    ) => JsonWriter<Fields, Context>
  )(
    members,
    labels.map((label) => Uint8Array.from(Buffer.from(label))),
    Buffer.allocUnsafeSlow(size),
    putPlain,
    putQuoted,
    jsonText,
    fitted,
  );
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 125;
/** Of a number as text, at most. */
const NUMBER_LENGTH = 24;

/** The end of label and value in `bytes`. */
function putPlain(bytes: Uint8Array, label: Uint8Array, value: string, begin: number): number {
  if (begin < 0) return begin;
  let at = begin;
  for (let i = 0; i < label.length; i++) bytes[at++] = label[i];
  for (let i = 0; i < value.length; i++) bytes[at++] = value.charCodeAt(i);
  return at;
}

/** As `putPlain`, and a quote after it; -1 if there is more than printable ASCII. */
function putQuoted(bytes: Uint8Array, label: Uint8Array, value: string, begin: number): number {
  if (begin < 0) return begin;
  let at = begin;
  for (let i = 0; i < label.length; i++) bytes[at++] = label[i];
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return -1;
    if (code === QUOTE || code === BACKSLASH) bytes[at++] = BACKSLASH;
    bytes[at++] = code;
  }
  bytes[at] = QUOTE;
  return at + 1;
}

function fitted(value: string, column: Pick<RowColumn<never>, 'name' | 'width'>, width: number, cuts: Counters): string {
  return value.length > width ? cut(value, column, cuts) : value;
}
