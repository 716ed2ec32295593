/** Kinds of plain values: switches, numbers, words, sizes, ages. */
import { UsageError } from '../base/index.js';
import { didYouMean } from '../route/index.js';
import { ageSeconds, keepSeconds, sizeBytes } from './amount.js';
import { valueType, type ValueType } from './kind.js';

const ON = ['on', 'true', 'yes', '1'];
const OFF = ['off', 'false', 'no', '0'];

export const onOff: ValueType<boolean> = valueType({ enum: [true, false, 1, 0, 'on', 'off', 'yes', 'no'] }, (text) => {
  const word = text.toLowerCase();
  if (ON.includes(word)) return true;
  if (OFF.includes(word)) return false;
  throw new UsageError(`'${text}' is neither on nor off (1 and 0 will do as well)`);
});

export function integer(least: number, most: number): ValueType<number> {
  return valueType({ type: 'integer', minimum: least, maximum: most }, (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) throw new UsageError(`'${text}' is no whole number`);
    if (value < least) throw new UsageError(`${value} is below ${least}`);
    if (value > most) throw new UsageError(`${value} is above ${most}`);
    return value;
  });
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
    throw new UsageError(`'${one}' is not one of ${words.join(', ')}${meant === '' ? '' : `: ${meant}`}`);
  });
}

/** Bytes. */
export const size: ValueType<number> = valueType(
  { type: ['string', 'integer'], pattern: '^\\d+(\\.\\d+)?\\s*[kKmMgGtT]?[bB]?$' },
  sizeBytes,
);

/** Seconds. */
export const age: ValueType<number> = valueType({ type: ['string', 'number'], pattern: '^\\d+(\\.\\d+)?\\s*[sSmMhHdDwW]?$' }, ageSeconds);

/** How long messages are kept. */
export const keptAge: ValueType<number> = valueType(
  { type: ['string', 'number'], pattern: '^(0+|\\d+(\\.\\d+)?\\s*[hHdDwW])$' },
  keepSeconds,
);
