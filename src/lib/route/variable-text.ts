/**
 * References to variables as text, in scripts and within strings: `$name`, `$name(argument)`, and with parentheses
 * around, which take an index: `$(hdr(Via)[1])`.
 */
import type { VariableReference } from './ast.js';
import { closingEnd, nameEnd } from './characters.js';
import { variableRow } from './variables.js';

/** One past the reference that begins with the `$` at `from`; `from` where none does. */
export function variableEnd(text: string, from: number, limit: number): number {
  if (text[from + 1] === '(') {
    const end = nameEnd(text, from + 2) > from + 2 ? closingEnd(text, from + 1, '(', ')', limit) : -1;
    return end < 0 ? from : end;
  }
  const end = Math.min(nameEnd(text, from + 1), limit);
  if (end === from + 1) return from;
  // `($rU)` and `$rU(x)` within a string: what takes no argument leaves the parenthesis alone.
  if (text[end] !== '(' || end >= limit || variableRow(text.slice(from + 1, end))?.argument === 'none') return end;
  const closed = closingEnd(text, end, '(', ')', limit);
  return closed < 0 ? from : closed;
}

/** The reference between `from` and `to`, as `variableEnd` found it. What is wrong with it the checker says. */
export function readVariable(text: string, from: number, to: number): VariableReference {
  const isWrapped = text[from + 1] === '(';
  const nameFrom = from + (isWrapped ? 2 : 1);
  const last = isWrapped && text[to - 1] === ')' ? to - 1 : to;
  let at = Math.min(nameEnd(text, nameFrom), last);
  const found: VariableReference = {
    kind: 'variable',
    place: { from, to },
    name: text.slice(nameFrom, at),
    argument: null,
    inner: null,
    index: null,
    rest: '',
  };
  if (text[at] === '(' && at < last) {
    const end = closingEnd(text, at, '(', ')', last);
    const argumentTo = end < 0 ? last : end - 1;
    found.argument = text.slice(at + 1, argumentTo).trim();
    const dollar = text.indexOf('$', at + 1);
    if (
      dollar >= 0 &&
      dollar < argumentTo &&
      found.argument.startsWith('$') &&
      variableEnd(text, dollar, argumentTo) === dollar + found.argument.length
    ) {
      found.inner = readVariable(text, dollar, dollar + found.argument.length);
    }
    at = end < 0 ? last : end;
  }
  if (text[at] === '[' && at < last) {
    const end = closingEnd(text, at, '[', ']', last);
    const index = text.slice(at + 1, end - 1).trim();
    if (end > 0 && /^-?\d{1,4}$/.test(index)) {
      found.index = Number(index);
      at = end;
    }
  }
  found.rest = text.slice(at, last).trim();
  return found;
}
