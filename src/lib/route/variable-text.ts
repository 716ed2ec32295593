/**
 * References to variables as text, in scripts and within strings: `$name`, `$name(argument)`, and with parentheses
 * around, which take an index and transformations: `$(hdr(Via)[1]{via.host}{s.tolower})`.
 */
import type { TextPart, TransformationArgument, TransformationCall, VariableReference } from './ast.js';
import { closingEnd, nameEnd } from './characters.js';
import { variableRow } from './variables.js';

/** Maximum nesting of variables in arguments. */
const MAX_NESTED = 10;

/** `$(<request>ru)`: from the request even in a reply; '' for the current message. */
function contextOf(text: string, at: number): VariableReference['context'] {
  return text.startsWith('<request>', at) ? '<request>' : text.startsWith('<reply>', at) ? '<reply>' : '';
}

/** One past the reference that begins with the `$` at `from`; `from` if none does. */
export function variableEnd(text: string, from: number, limit: number): number {
  if (text[from + 1] === '(') {
    const nameFrom = from + 2 + contextOf(text, from + 2).length;
    const end = nameEnd(text, nameFrom) > nameFrom ? wrappedEnd(text, from + 1, limit) : -1;
    return end < 0 ? from : end;
  }
  const end = Math.min(longNameEnd(text, from + 1), limit);
  if (end === from + 1) return from;
  // `($rU)` and `$rU(x)` within a string: variables without arguments leave the parenthesis alone.
  if (text[end] !== '(' || end >= limit || variableRow(text.slice(from + 1, end))?.argument === 'none') return end;
  const closed = closingEnd(text, end, '(', ')', limit);
  return closed < 0 ? from : closed;
}

/** The reference between `from` and `to`, as found by `variableEnd`. Its errors are reported by the checker. */
export function readVariable(text: string, from: number, to: number, depth = 0): VariableReference {
  const isWrapped = text[from + 1] === '(';
  const context = isWrapped ? contextOf(text, from + 2) : '';
  const nameFrom = from + (isWrapped ? 2 + context.length : 1);
  const last = isWrapped && text[to - 1] === ')' ? to - 1 : to;
  let at = Math.min(longNameEnd(text, nameFrom), last);
  const transformations: TransformationCall[] = [];
  const found: VariableReference = {
    kind: 'variable',
    place: { from, to },
    name: text.slice(nameFrom, at),
    context,
    argument: null,
    inner: null,
    index: null,
    transformations,
    rest: '',
  };
  if (text[at] === '(' && at < last) {
    const end = closingEnd(text, at, '(', ')', last);
    const argumentTo = end < 0 ? last : end - 1;
    found.argument = text.slice(at + 1, argumentTo).trim();
    found.inner = variableWithin(text, at + 1, argumentTo, depth);
    at = end < 0 ? last : end;
  }
  if (text[at] === '[' && at < last) {
    const end = closingEnd(text, at, '[', ']', last);
    const index = end < 0 ? null : indexWithin(text, at + 1, end - 1, depth);
    if (index !== null) {
      found.index = index;
      at = end;
    }
  }
  while (text[at] === '{' && at < last) {
    const end = closingEnd(text, at, '{', '}', last);
    if (end < 0) break;
    transformations.push(readTransformation(text, at, end, depth));
    at = end;
  }
  found.rest = text.slice(at, last).trim();
  return found;
}

/** The argument as text with the variables in it: `$stat(group:$rm)`. */
export function argumentParts(text: string, { name, place }: VariableReference): TextPart[] {
  const from = text.indexOf('(', text.indexOf(name, place.from)) + 1;
  const end = closingEnd(text, from - 1, '(', ')', place.to);
  return readParts(text, from, end < 0 ? place.to : end - 1, 0);
}

/** One past the parenthesis that closes the one at `at`; within braces parentheses need not pair: patterns are there. */
function wrappedEnd(text: string, at: number, limit: number): number {
  const stop = Math.min(limit, at + 1000);
  let depth = 0;
  let braces = 0;
  for (let i = at; i < stop && text[i] !== '\n'; i++) {
    const character = text[i];
    if (character === '{') braces++;
    else if (character === '}' && braces > 0) braces--;
    else if (braces > 0) continue;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i + 1;
  }
  return -1;
}

/** Some names have a dot in them: `$ct.fields(uri)`. Elsewhere the dot ends the name. */
function longNameEnd(text: string, from: number): number {
  const end = nameEnd(text, from);
  if (text[end] !== '.' || end === from) return end;
  const longer = nameEnd(text, end + 1);
  return longer > end + 1 && variableRow(text.slice(from, longer)) !== undefined ? longer : end;
}

/** The variable that the range consists of, blanks aside; null if it is something else. */
function variableWithin(text: string, from: number, to: number, depth: number): VariableReference | null {
  while (from < to && text[from] === ' ') from++;
  while (to > from && text[to - 1] === ' ') to--;
  return text[from] === '$' && depth < MAX_NESTED && variableEnd(text, from, to) === to ? readVariable(text, from, to, depth + 1) : null;
}

function indexWithin(text: string, from: number, to: number, depth: number): VariableReference['index'] {
  const index = text.slice(from, to).trim();
  if (index === '*' || index === 'append') return index;
  return /^-?\d{1,4}$/.test(index) ? Number(index) : variableWithin(text, from, to, depth);
}

/** `{name,argument,argument}`: commas within variables and braces do not separate. */
function readTransformation(text: string, from: number, to: number, depth: number): TransformationCall {
  const end = to - 1;
  const comma = separator(text, from + 1, end, depth);
  const given: TransformationArgument[] = [];
  for (let at = comma; at < end;) {
    const next = separator(text, at + 1, end, depth);
    given.push({ place: { from: at + 1, to: next }, parts: readParts(text, at + 1, next, depth) });
    at = next;
  }
  // `{s.select,1,,}`: the comma itself is the argument.
  if (given.length > 2 && given.at(-1)!.parts.length === 0 && given.at(-2)!.parts.length === 0) {
    given.splice(-2, 2, { place: { from: end - 1, to: end }, parts: [','] });
  }
  return { place: { from, to }, name: text.slice(from + 1, comma).trim(), arguments: given, plain: text.slice(comma + 1, end) };
}

function separator(text: string, from: number, end: number, depth: number): number {
  for (let at = from; at < end; at++) {
    if (text[at] === ',') return at;
    if (text[at] === '$' && depth < MAX_NESTED) at = Math.max(at, variableEnd(text, at, end) - 1);
  }
  return end;
}

function readParts(text: string, from: number, to: number, depth: number): TextPart[] {
  const parts: TextPart[] = [];
  let pending = '';
  for (let at = from; at < to;) {
    const stop = text[at] === '$' && depth < MAX_NESTED ? variableEnd(text, at, to) : at;
    if (stop === at) {
      pending += text[at++];
      continue;
    }
    if (pending !== '') parts.push(pending);
    pending = '';
    parts.push(readVariable(text, at, stop, depth + 1));
    at = stop;
  }
  if (pending !== '') parts.push(pending);
  return parts;
}
