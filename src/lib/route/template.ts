/** The content of a string: escapes, and variables to be replaced when the statement runs. */
import type { TextLiteral, TextPart } from './ast.js';
import { isHexDigit, nameEnd } from './characters.js';
import type { Diagnostics } from './diagnostics.js';
import { readVariable, variableEnd } from './variable-text.js';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', '"': '"', '\\': '\\' };

/**
 * Reads the string token between `from` and `to`; one whose quote was forgotten has no second quote. With diagnostics,
 * variables whose parenthesis is not closed are errors; without, they are text like any other.
 */
export function readText(text: string, from: number, to: number, diagnostics: Diagnostics | null = null): TextLiteral {
  const quote = text[from] as '"' | "'";
  const end = to - 1 > from && text[to - 1] === quote ? to - 1 : to;
  const parts: TextPart[] = [];
  let plain = '';
  let pending = '';
  for (let at = from + 1; at < end;) {
    const character = text[at];
    if (character === '\\' && quote === '"') {
      const length = escapeLength(text, at, end);
      const meant = unescape(text.slice(at, at + length));
      plain += meant;
      pending += meant;
      at += length;
      continue;
    }
    if (character === '$') {
      const stop = variableEnd(text, at, end);
      if (stop > at) {
        if (pending !== '') parts.push(pending);
        pending = '';
        parts.push(readVariable(text, at, stop));
        plain += text.slice(at, stop);
        at = stop;
        continue;
      }
      const nameFrom = text[at + 1] === '(' ? at + 2 : at + 1;
      const nameTo = nameEnd(text, nameFrom);
      if (diagnostics !== null && nameTo > nameFrom && nameTo < end) {
        diagnostics.error({ from: at, to: nameTo }, "missing ')' of the variable", "add ')', or write $$ for a dollar sign");
      }
      // `$$` is one dollar sign, and so is one without a name after it.
      const isDouble = text[at + 1] === '$' && at + 1 < end;
      plain += isDouble ? '$$' : '$';
      pending += '$';
      at += isDouble ? 2 : 1;
      continue;
    }
    plain += character;
    pending += character;
    at++;
  }
  if (pending !== '') parts.push(pending);
  return { kind: 'text', place: { from, to }, parts, plain, quote };
}

/** The string of a text without variables; null if it has some. */
export function constantText(text: TextLiteral): string | null {
  if (text.parts.length === 0) return '';
  return text.parts.length === 1 && typeof text.parts[0] === 'string' ? text.parts[0] : null;
}

function escapeLength(text: string, at: number, end: number): number {
  const next = text[at + 1];
  if (at + 1 >= end) return 1;
  if (next === 'x' && isHexDigit(text.charCodeAt(at + 2)) && at + 2 < end)
    return isHexDigit(text.charCodeAt(at + 3)) && at + 3 < end ? 4 : 3;
  if (next >= '0' && next <= '7') {
    const digits = /^[0-7]{2,3}/.exec(text.slice(at + 1, Math.min(at + 4, end)));
    return digits === null ? 1 : 1 + digits[0].length;
  }
  if (next === '\r') return text[at + 2] === '\n' ? 3 : 2;
  if (next === '\n' || next in ESCAPES) return 2;
  // Any other backslash is literal: patterns are full of them.
  return 1;
}

function unescape(escape: string): string {
  const next = escape[1];
  if (next === undefined) return '\\';
  if (next === 'x') return String.fromCharCode(parseInt(escape.slice(2), 16));
  if (next >= '0' && next <= '7') return String.fromCharCode(parseInt(escape.slice(1), 8) & 0xff);
  return ESCAPES[next] ?? '';
}
