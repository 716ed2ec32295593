/** Transformations of text: `{s...}`. Lengths and offsets count characters. */
import { createHash, createHmac } from 'node:crypto';
import { integerOf, row, type Kinds, type TransformationRow } from './transform-row.js';
import { textOf, type Value } from './value.js';

/** Maximum length of a filled text. */
const MAX_FILLED = 65_536;
const COMMON: Readonly<Record<string, string>> = { "'": "\\'", '"': '\\"', '\\': '\\\\', '\0': '\\0' };
const OF_BYTES: Kinds = { takes: 'bytes', gives: 'text' };
const TO_BYTES: Kinds = { takes: 'text', gives: 'bytes' };
const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

export const TEXT_TRANSFORMATIONS: readonly TransformationRow[] = [
  row('s.len', '', 'length', (text) => text.length),
  row('s.int', '', 'the number that the text begins with, 0 if there is none', (text) => Number(/^[-+]?\d{1,15}/.exec(text)?.[0] ?? 0)),
  ...HASHES.map((name) => row(`s.${name}`, '', `${name} sum in hexadecimal digits`, (text) => hash(name, text), OF_BYTES)),
  ...HASHES.slice(1).map((name) =>
    row(`s.${name}_hmac`, 'key', `${name} HMAC in hexadecimal digits`, (text, [key]) => hmac(name, text, key), OF_BYTES),
  ),
  row('s.crc32', '', 'CRC-32 as a number', (text) => crc32(Buffer.from(text, 'latin1')), OF_BYTES),
  row('s.substr', 'offset,[length]', 'part of the text; a negative offset counts from the end, length 0 is up to the end', substring),
  row('s.select', 'index,separator', 'field between separators, from 0; a negative index counts from the end', select),
  row('s.index', 'text,[offset]', 'where the text occurs first, no value if it does not', index),
  row('s.rindex', 'text,[offset]', 'where the text occurs last, no value if it does not', lastIndex),
  row('s.encode.hexa', '', 'hexadecimal digits of the bytes', (text) => Buffer.from(text, 'latin1').toString('hex'), OF_BYTES),
  row(
    's.decode.hexa',
    '',
    'bytes of hexadecimal digits',
    (text) => (/^[0-9a-f]*$/i.test(text) ? Buffer.from(text, 'hex').toString('latin1') : null),
    TO_BYTES,
  ),
  row('s.b64encode', '', 'Base64 of the bytes', (text) => Buffer.from(text, 'latin1').toString('base64'), OF_BYTES),
  row(
    's.b64decode',
    '',
    'bytes of Base64, up to the first character that is none of it',
    (text) => Buffer.from(/^[A-Za-z0-9+/]*/.exec(text)![0], 'base64').toString('latin1'),
    TO_BYTES,
  ),
  row('s.escape.common', '', 'quotes, backslash and NUL with a backslash before', (text) =>
    // eslint-disable-next-line no-control-regex
    text.replace(/['"\\\x00]/g, (one) => COMMON[one]),
  ),
  row('s.unescape.common', '', 'the reverse of s.escape.common', (text) =>
    text.replace(/\\(['"\\0])/g, (_all, one: string) => (one === '0' ? '\0' : one)),
  ),
  row('s.escape.user', '', 'percent encoding for the user part of a URI', (text) => percent(text, /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu)),
  row('s.unescape.user', '', 'the reverse of s.escape.user', unpercent),
  row('s.escape.param', '', 'percent encoding for parameters of a URI', (text) => percent(text, /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/gu)),
  row('s.unescape.param', '', 'the reverse of s.escape.param', unpercent),
  row('s.tolower', '', 'ASCII letters in lower case', (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  row('s.toupper', '', 'ASCII letters in upper case', (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  row('s.reverse', '', 'from the end to the beginning', (text) => [...text].reverse().join('')),
  row('s.rev', '', 'as s.reverse', (text) => [...text].reverse().join('')),
  row('s.trim', '', 'without blanks and line ends at both ends', (text) => trimmedEnd(text.replace(/^[ \t\r\n]+/, ''))),
  row('s.triml', '', 'without blanks and line ends at the beginning', (text) => text.replace(/^[ \t\r\n]+/, '')),
  row('s.trimr', '', 'without blanks and line ends at the end', trimmedEnd),
  row('s.fill.left', 'text,length', 'filled on the left up to the length', (text, [filler, length]) => filled(text, filler, length, true)),
  row('s.fill.right', 'text,length', 'filled on the right up to the length', (text, [filler, length]) =>
    filled(text, filler, length, false),
  ),
  row('s.width', 'length', 'cut or filled with blanks to the length', (text, [length]) => {
    const width = integerOf(length);
    return width > 0 && width <= MAX_FILLED ? text.slice(0, width).padEnd(width) : null;
  }),
  row('s.dec2hex', '', 'a decimal number in hexadecimal digits', (text) => {
    const number = integerOf(text);
    return Number.isNaN(number) ? null : (number < 0 ? number >>> 0 : number).toString(16);
  }),
  row('s.hex2dec', '', 'a hexadecimal number as a decimal one', (text) => {
    const digits = /^(?:0x)?([0-9a-f]{1,12})$/i.exec(text.trim());
    return digits === null ? null : parseInt(digits[1], 16);
  }),
  row('s.date2unix', '', 'a SIP date as seconds since 1970', (text) => {
    const at = /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(text.trim()) ? Date.parse(text) : NaN;
    return Number.isNaN(at) ? null : at / 1000;
  }),
  row('s.xor', 'secret', 'the bytes combined with those of the secret by exclusive or', xor, { takes: 'bytes', gives: 'bytes' }),
  row('s.eval', '', 'the text with the variables in it put in', null),
];

function hash(name: string, bytes: string): string {
  return createHash(name).update(bytes, 'latin1').digest('hex');
}

function hmac(name: string, bytes: string, key: Value): Value {
  return key === null ? null : createHmac(name, textOf(key)).update(bytes, 'latin1').digest('hex');
}

function xor(bytes: string, [secret]: readonly Value[]): Value {
  const key = secret === null ? '' : Buffer.from(textOf(secret));
  if (key.length === 0) return null;
  return Buffer.from(Buffer.from(bytes, 'latin1').map((byte, i) => byte ^ (key as Buffer)[i % key.length])).toString('latin1');
}

function substring(text: string, [offset, length]: readonly Value[]): Value {
  let from = integerOf(offset);
  const count = length === undefined ? 0 : integerOf(length);
  if (Number.isNaN(from) || Number.isNaN(count)) return null;
  if (from < 0) from += text.length;
  if (from < 0 || from >= text.length) return null;
  return text.slice(from, count > 0 ? from + count : Math.max(from, text.length + count));
}

function select(text: string, [index, separator]: readonly Value[]): Value {
  const wanted = integerOf(index);
  // Only the first character is the separator, as in OpenSIPS.
  const character = textOf(separator).charAt(0);
  if (Number.isNaN(wanted) || character === '') return null;
  return text.split(character).at(wanted) ?? null;
}

function index(text: string, [wanted, offset]: readonly Value[]): Value {
  const from = startOf(text, offset, 0);
  if (wanted === null || wanted === '' || Number.isNaN(from)) return null;
  const at = text.indexOf(textOf(wanted), from);
  return at < 0 ? null : at;
}

function lastIndex(text: string, [wanted, offset]: readonly Value[]): Value {
  const from = startOf(text, offset, text.length);
  if (wanted === null || wanted === '' || Number.isNaN(from)) return null;
  const at = text.lastIndexOf(textOf(wanted), from);
  return at < 0 ? null : at;
}

/** Negative offsets count from the end, and wrap: of ten characters -2 and -12 are the same. */
function startOf(text: string, offset: Value | undefined, usual: number): number {
  if (offset === undefined) return usual;
  const from = integerOf(offset);
  if (!(from < 0)) return from;
  const left = text.length === 0 ? 0 : -from % text.length;
  return left === 0 ? 0 : text.length - left;
}

function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1])) end--;
  return text.slice(0, end);
}

/** A filler of several characters ends at the text on its left, and begins at it on its right. Quotes preserve its blanks. */
function filled(text: string, filler: Value, length: Value, isLeft: boolean): Value {
  const width = integerOf(length);
  const unit = textOf(filler).replace(/^(['"])(.+)\1$/s, '$2');
  if (Number.isNaN(width) || width > MAX_FILLED || filler === null || unit === '') return null;
  const missing = width - text.length;
  if (missing <= 0) return text;
  const fill = unit.repeat(Math.ceil(missing / unit.length));
  return isLeft ? fill.slice(fill.length - missing) + text : text + fill.slice(0, missing);
}

function percent(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (one) =>
    [...Buffer.from(one)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
}

function unpercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

function crc32(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
