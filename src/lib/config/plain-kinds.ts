/** Types of plain values: switches, numbers, words, sizes, ages. */
import { UsageError } from '../base/index.js';
import { didYouMean } from '../route/index.js';
import { ageSeconds, ageText, keepSeconds, parameterSeconds, sizeBytes } from './amount.js';
import { valueType, type ValueType } from './kind.js';

const ON = ['on', 'true', 'yes', '1'];
const OFF = ['off', 'false', 'no', '0'];

export const onOff: ValueType<boolean> = valueType({ enum: [true, false, 1, 0, 'on', 'off', 'yes', 'no'] }, (text) => {
  const word = text.toLowerCase();
  if (ON.includes(word)) return true;
  if (OFF.includes(word)) return false;
  throw new UsageError(`invalid value '${text}': expected on or off (or 1 or 0)`);
});

export function integer(min: number, max: number): ValueType<number> {
  return valueType({ type: 'integer', minimum: min, maximum: max }, (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) throw new UsageError(`invalid number '${text}': expected a whole number`);
    if (value < min || value > max) throw new UsageError(`${value} is out of range: expected ${min} to ${max}`);
    return value;
  });
}

/** Processes: a number, or one per core, which is 0 here. */
export function perCore(max: number): ValueType<number> {
  const number = integer(1, max);
  return {
    json: { anyOf: [number.json, { enum: ['auto'] }] },
    read: (leaf) => (typeof leaf === 'string' && leaf.trim().toLowerCase() === 'auto' ? 0 : number.read(leaf)),
    write: (value) => (value === 0 ? 'auto' : String(value)),
  };
}

/** Numbers are text too: `capture_node: 7`. */
export const text: ValueType<string> = valueType({ type: ['string', 'number'] }, (one) => one);

/** A secret is never quoted in a message. */
export const secret: ValueType<string> = valueType({ type: ['string', 'number'] }, (one) => one);

export function oneOf<const Word extends string>(...words: Word[]): ValueType<Word> {
  return valueType({ enum: words }, (one) => {
    const found = words.find((word) => word === one.toLowerCase());
    if (found !== undefined) return found;
    const meant = didYouMean(one, words);
    throw new UsageError(`invalid value '${one}': expected ${alternatives(words)}${meant === '' ? '' : `; ${meant}`}`);
  });
}

/** Bytes. */
export const size: ValueType<number> = valueType(
  { type: ['string', 'integer'], pattern: '^\\d+(\\.\\d+)?\\s*[kKmMgGtT]?[bB]?$' },
  sizeBytes,
);

/** Seconds; the text has a unit. */
export const age: ValueType<number> = {
  ...valueType({ type: ['string', 'number'], pattern: '^(0+|\\d+(\\.\\d+)?\\s*[sSmMhHdDwW])$' }, ageSeconds),
  write: ageText,
};

/** Seconds, also without a unit: parameters that OpenSIPS has. */
export const parameterAge: ValueType<number> = valueType(
  { type: ['string', 'number'], pattern: '^\\d+(\\.\\d+)?\\s*[sSmMhHdDwW]?$' },
  parameterSeconds,
);

/** How long messages are kept. */
export const keptAge: ValueType<number> = {
  ...valueType({ type: ['string', 'number'], pattern: '^(0+|\\d+(\\.\\d+)?\\s*[hHdDwW])$' }, keepSeconds),
  write: ageText,
};

function alternatives(words: readonly string[]): string {
  const named = words.filter((word) => word !== '');
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} or ${named[named.length - 1]}`;
}
