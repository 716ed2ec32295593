/** A row of the tables of transformations. A function receives the value as text, never null: no value stays no value. */
import type { Value } from './value.js';
import { numberOf, textOf } from './value.js';

/** Input and output types. Bytes are text with one character each; text and bytes are converted as UTF-8. */
export interface Kinds {
  takes: 'text' | 'bytes' | 'either';
  gives: 'text' | 'bytes';
}

export interface TransformationRow extends Kinds {
  name: string;
  /** Its arguments as in the documentation; those in brackets may be omitted. */
  usage: string;
  meaning: string;
  /** Minimum and maximum number of arguments. */
  counts: readonly [number, number];
  /** Null if implemented by the compiler, since it needs more than the value. */
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

/** An argument as a whole number; NaN if it is not one. */
export function integerOf(value: Value | undefined): number {
  return typeof value === 'number' ? value : value === null || value === undefined ? NaN : numberOf(value.trim());
}

/** An argument that is a name: surrounding blanks and case are ignored. */
export function nameOf(value: Value | undefined): string {
  return textOf(value ?? '')
    .trim()
    .toLowerCase();
}

/** Empty text counts as no value. */
export function some(text: string | undefined): Value {
  return text === undefined || text === '' ? null : text;
}
