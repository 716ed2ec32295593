/**
 * Types of values: how the text of one is read, and its JSON Schema for editors. Files, environment and flags all supply
 * text, so that a value means the same wherever it comes from. A UsageError becomes an error with a place.
 */
import { UsageError } from '../base/index.js';

/** A leaf: text, a list of texts, or names with texts. */
export type RawValue = string | null | readonly RawValue[] | { readonly [name: string]: RawValue };

export interface ValueType<T> {
  read(leaf: RawValue): T;
  /** The text of a value, if the value itself cannot be read back. */
  write?(value: T): string;
  /** Fragment of JSON Schema. */
  json: Record<string, unknown>;
}

/** Errors in several items of one list; `part` is the index or name. */
export class PartErrors extends UsageError {
  constructor(readonly parts: readonly { part: number | string; message: string }[]) {
    super(parts.map(({ message }) => message).join('; '));
  }
}

/** The one text of a leaf. */
export function textOf(leaf: RawValue): string {
  if (leaf === null) throw new UsageError('value missing');
  if (typeof leaf !== 'string')
    throw new UsageError(`expected a single value, not ${Array.isArray(leaf) ? 'a list' : 'names with values'}`);
  return leaf;
}

/** A type whose text is parsed by `check`, which throws or returns the value. */
export function valueType<T>(json: Record<string, unknown>, check: (text: string) => T): ValueType<T> {
  return { json, read: (leaf) => check(textOf(leaf)) };
}

/** Several values: a list, or one text with commas. */
export function list<T>(item: ValueType<T>): ValueType<readonly T[]> {
  return {
    json: { anyOf: [{ type: 'array', items: item.json }, item.json] },
    read(leaf) {
      const leaves = Array.isArray(leaf)
        ? (leaf as readonly RawValue[])
        : textOf(leaf)
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '');
      const values: T[] = [];
      const parts: { part: number; message: string }[] = [];
      leaves.forEach((one, part) =>
        attempt(
          () => values.push(item.read(one)),
          (message) => parts.push({ part, message }),
        ),
      );
      if (parts.length > 0) throw Array.isArray(leaf) ? new PartErrors(parts) : new UsageError(parts[0].message);
      return values;
    },
  };
}

/** Runs it; the message of a UsageError goes to `onError`. */
export function attempt(run: () => void, onError: (message: string) => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    onError(error.message);
  }
}
