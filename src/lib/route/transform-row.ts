/** A row of the tables of transformations. A function gets the value as text, which is never null: no value stays none. */
import type { Value } from './value.js';
import { numberOf, textOf } from './value.js';

/** What a transformation gets and gives. Bytes are text of one character each; text becomes bytes, and bytes text, as UTF-8. */
export interface Kinds {
  takes: 'text' | 'bytes' | 'either';
  gives: 'text' | 'bytes';
}

export interface TransformationRow extends Kinds {
  name: string;
  /** Its arguments as documentation writes them, those in brackets may be left out. */
  usage: string;
  meaning: string;
  /** Minimum and maximum number of arguments. */
  counts: readonly [number, number];
  /** Null where the compiler makes it, as it needs more than the value. */
  apply: ((text: string, given: readonly Value[]) => Value) | null;
}

const TEXT: Kinds = { takes: 'text', gives: 'text' };

/** `row('s.substr', 'offset,length', ...)`: `[length]` may be left out. */
export function row(name: string, usage: string, meaning: string, apply: TransformationRow['apply'], kinds = TEXT): TransformationRow {
  const names = usage === '' ? [] : usage.split(',');
  return { name, usage, meaning, counts: [names.filter((one) => !one.startsWith('[')).length, names.length], apply, ...kinds };
}

export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Bytes that are not UTF-8 stay one character each. */
export function textOfBytes(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString();
  return text.includes('\ufffd') ? bytes : text;
}

/** An argument as a whole number; NaN where it is none. */
export function integerOf(value: Value | undefined): number {
  return typeof value === 'number' ? value : value === null || value === undefined ? NaN : numberOf(value.trim());
}

/** An argument that is a name: blanks around it do not count, nor does case. */
export function nameOf(value: Value | undefined): string {
  return textOf(value ?? '')
    .trim()
    .toLowerCase();
}

/** Empty text counts as no value. */
export function some(text: string | undefined): Value {
  return text === undefined || text === '' ? null : text;
}
