/**
 * Values of a running script: text, whole numbers, or none. Comparisons go as in OpenSIPS: text without regard to case,
 * no value equals only no value. A number and a text compare as numbers if the text is one, else it is an error.
 */
import type { ArithmeticOperator } from './ast.js';

export type Value = string | number | null;

/** Results of conditions and comparisons. */
export const TRUE = 1;
export const FALSE = 0;
/** The operands cannot be compared; counts as false, also after a `!`. */
export const FAILED = -1;

const MAX_DIGITS = 15;

export function textOf(value: Value): string {
  return value === null ? '<null>' : typeof value === 'string' ? value : String(value);
}

/** The whole number that the text is, or NaN. */
export function numberOf(text: string): number {
  const { length } = text;
  let at = 0;
  const isNegative = text.charCodeAt(0) === 0x2d;
  if (isNegative || text.charCodeAt(0) === 0x2b) at = 1;
  if (at === length || length > MAX_DIGITS) return NaN;
  let number = 0;
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    number = number * 10 + digit;
  }
  return isNegative ? -number : number;
}

export function isTrue(value: Value): boolean {
  return typeof value === 'number' ? value !== 0 : value !== null && value.length > 0;
}

/** Case is folded as in JavaScript, beyond ASCII. */
export function sameText(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase());
}

/** 1 equal, 0 different, -1 if the two cannot be compared. */
export function equal(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? TRUE : FALSE;
  if (typeof left === 'string' && typeof right === 'string') return sameText(left, right) ? TRUE : FALSE;
  if (typeof left === 'number' && typeof right === 'number') return left === right ? TRUE : FALSE;
  const number = numberOf(typeof left === 'string' ? left : (right as string));
  if (Number.isNaN(number)) return FAILED;
  return number === (typeof left === 'number' ? left : right) ? TRUE : FALSE;
}

/** Negative, zero or positive by their order; NaN if there is none. */
export function order(left: string | number, right: string | number): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const a = left.toLowerCase();
    const b = right.toLowerCase();
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return (typeof left === 'number' ? left : numberOf(left)) - (typeof right === 'number' ? right : numberOf(right));
}

/**
 * The result, or undefined if the operands are invalid. As in OpenSIPS the left one decides: after a number no value counts
 * as 0, and with text or no value on the left `+` concatenates, and no value adds nothing.
 */
export function calculate(operator: ArithmeticOperator, left: Value, right: Value): Value | undefined {
  if (operator === '+' && typeof left === 'string') return right === null ? left : left + textOf(right);
  if (left === null) return operator === '+' && typeof right !== 'number' ? (right ?? '') : undefined;
  const a = typeof left === 'number' ? left : numberOf(left);
  const b = right === null ? 0 : typeof right === 'number' ? right : numberOf(right);
  if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? undefined : Math.trunc(a / b);
    case '%':
      return b === 0 ? undefined : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
  }
}

/** A value for messages, text in quotes. */
export function shown(value: Value): string {
  return typeof value === 'string' ? `'${value.length > 40 ? `${value.slice(0, 37)}...` : value}'` : textOf(value);
}
