/** Transformations of text: `{s...}`. Lengths and offsets count characters. */
import { createHash } from 'node:crypto';
import { integerOf, row, type TransformationRow } from './transform-row.js';
import { textOf, type Value } from './value.js';

/** Longest text that filling makes. */
const MAX_FILLED = 65_536;
const COMMON: Readonly<Record<string, string>> = { "'": "\\'", '"': '\\"', '\\': '\\\\', '\0': '\\0' };

export const TEXT_TRANSFORMATIONS: readonly TransformationRow[] = [
  row('s.len', '', 'length', (text) => text.length),
  row('s.int', '', 'the number that the text begins with', (text) => {
    const digits = /^\s*([-+]?\d{1,15})/.exec(text);
    return digits === null ? null : Number(digits[1]);
  }),
  row('s.md5', '', 'MD5 sum in hexadecimal digits', (text) => createHash('md5').update(text).digest('hex')),
  row('s.sha1', '', 'SHA-1 sum in hexadecimal digits', (text) => createHash('sha1').update(text).digest('hex')),
  row('s.sha256', '', 'SHA-256 sum in hexadecimal digits', (text) => createHash('sha256').update(text).digest('hex')),
  row('s.crc32', '', 'CRC-32 as a number', (text) => crc32(Buffer.from(text))),
  row('s.substr', 'offset,[length]', 'part of the text; a negative offset counts from the end, length 0 is up to the end', substring),
  row('s.select', 'index,separator', 'field between separators, from 0; a negative index counts from the end', select),
  row('s.index', 'text,[offset]', 'where the text occurs first, -1 if it does not', (text, [wanted, offset]) =>
    text.indexOf(textOf(wanted), startOf(text, offset, 0)),
  ),
  row('s.rindex', 'text,[offset]', 'where the text occurs last, -1 if it does not', (text, [wanted, offset]) =>
    text.lastIndexOf(textOf(wanted), startOf(text, offset, text.length)),
  ),
  row('s.encode.hexa', '', 'hexadecimal digits of the bytes', (text) => Buffer.from(text).toString('hex')),
  row('s.decode.hexa', '', 'text of hexadecimal digits', (text) =>
    /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex').toString() : null,
  ),
  row('s.b64encode', '', 'Base64 of the bytes', (text) => Buffer.from(text).toString('base64')),
  row('s.b64decode', '', 'text of Base64', (text) => (/^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString() : null)),
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
  row('s.tolower', '', 'in lower case', (text) => text.toLowerCase()),
  row('s.toupper', '', 'in upper case', (text) => text.toUpperCase()),
  row('s.reverse', '', 'from the end to the beginning', (text) => [...text].reverse().join('')),
  row('s.rev', '', 'as s.reverse', (text) => [...text].reverse().join('')),
  row('s.trim', '', 'without blanks at both ends', (text) => text.trim()),
  row('s.triml', '', 'without blanks at the beginning', (text) => text.trimStart()),
  row('s.trimr', '', 'without blanks at the end', (text) => text.trimEnd()),
  row('s.fill.left', 'text,length', 'filled on the left up to the length', (text, [filler, length]) => filled(text, filler, length, true)),
  row('s.fill.right', 'text,length', 'filled on the right up to the length', (text, [filler, length]) =>
    filled(text, filler, length, false),
  ),
  row('s.width', 'length', 'cut or filled with blanks to the length', (text, [length]) => {
    const width = integerOf(length);
    return width >= 0 && width <= MAX_FILLED ? text.slice(0, width).padEnd(width) : null;
  }),
  row('s.dec2hex', '', 'a decimal number in hexadecimal digits', (text) => {
    const number = integerOf(text);
    return number >= 0 ? number.toString(16) : null;
  }),
  row('s.hex2dec', '', 'a hexadecimal number as a decimal one', (text) => {
    const digits = /^(?:0x)?([0-9a-f]{1,12})$/i.exec(text.trim());
    return digits === null ? null : parseInt(digits[1], 16);
  }),
  row('s.date2unix', '', 'a SIP date as seconds since 1970', (text) => {
    const at = /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(text.trim()) ? Date.parse(text) : NaN;
    return Number.isNaN(at) ? null : at / 1000;
  }),
  row('s.xor', 'secret', 'the bytes combined with those of the secret, in hexadecimal digits', (text, [secret]) => {
    const key = Buffer.from(textOf(secret));
    return key.length === 0 ? null : Buffer.from(Buffer.from(text).map((byte, i) => byte ^ key[i % key.length])).toString('hex');
  }),
  row('s.eval', '', 'the text with the variables in it put in', null),
];

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
  // The first character alone separates, as in OpenSIPS.
  const character = textOf(separator).charAt(0);
  if (Number.isNaN(wanted) || character === '') return null;
  return text.split(character).at(wanted) ?? null;
}

function startOf(text: string, offset: Value | undefined, usual: number): number {
  if (offset === undefined) return usual;
  const from = integerOf(offset);
  return Number.isNaN(from) ? usual : from < 0 ? text.length + from : from;
}

function filled(text: string, filler: Value, length: Value, isLeft: boolean): Value {
  const width = integerOf(length);
  if (Number.isNaN(width) || width > MAX_FILLED) return null;
  return isLeft ? text.padStart(width, textOf(filler)) : text.padEnd(width, textOf(filler));
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
