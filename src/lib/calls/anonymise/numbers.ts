/** Finds telephone numbers in text, compact or with visual separators (RFC 3966 section 5.1.1, and as people write them). */
import type { Mapping } from './mapping.js';

/** Groups of digits with at most three separators between them. */
const CANDIDATE = /(?:(?<![\p{L}\p{N}])\+)?\(?\d(?:[ \u00a0().\-/]{0,3}\d)*/gu;
/** `2026-05-28`, `28.5.2026`: looks like a number. */
const DATE =
  /(?<![\d.+/-])(?:(?:19|20)\d\d([-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d)(?![.\-/]?\d)/g;
/** Shorter runs of digits are ports, times and versions. */
const MIN_COMPACT = 5;
const MIN_DIGITS = 7;
/** Fifteen digits (E.164) with an international prefix. */
const MAX_DIGITS = 20;

/** The text with `keep(replacement)` in the place of numbers; dates are kept as they are. */
export function rewriteNumbers(text: string, mapping: Mapping, keep: (replacement: string) => string): string {
  return text
    .replace(DATE, (date) => (mapping.knowsNumber(date) ? date : keep(date)))
    .replace(CANDIDATE, (candidate, at: number, whole: string) => withinCandidate(candidate, whole[at - 1] ?? ' ', mapping, keep));
}

/** A candidate may be several numbers, or a number beside a version: the longest run of groups that is a number wins. */
function withinCandidate(candidate: string, before: string, mapping: Mapping, keep: (replacement: string) => string): string {
  // Separators at even indices, groups of digits at odd ones.
  const parts = candidate.split(/(\d+)/);
  let result = '';
  for (let first = 1; first < parts.length; first += 2) {
    const last = lastGroup(parts, first, /[\p{L}\p{N}_.-]/u.test(before), mapping);
    const opening = /[+(]*$/.exec(parts[first - 1])![0];
    result += parts[first - 1].slice(0, parts[first - 1].length - opening.length);
    if (last < 0) {
      result += opening + parts[first];
      continue;
    }
    result += keep(mapped(opening + parts.slice(first, last + 1).join(''), mapping));
    first = last;
  }
  return result + parts[parts.length - 1];
}

/** The `(0)` of `+49 (0)30 …` is not dialled from abroad: without it the number is the one of the URI. */
function mapped(number: string, mapping: Mapping): string {
  return mapping.number(number.startsWith('+') ? number.replace(/[ \u00a0]?\(0\)/, '') : number);
}

/** Index of the last group of a number that begins with the group `first`; -1 if none does. */
function lastGroup(parts: readonly string[], first: number, isInWord: boolean, mapping: Mapping): number {
  let last = first;
  let digits = parts[first].length;
  for (; last + 2 < parts.length && digits + parts[last + 2].length <= MAX_DIGITS; last += 2) digits += parts[last + 2].length;
  const opening = parts[first - 1];
  const starts = first === 1 ? !isInWord : /[\s(+]/.test(opening);
  for (; last > first && digits >= MIN_DIGITS; last -= 2) {
    const ends = last + 2 > parts.length - 1 || /\s/.test(parts[last + 1]);
    const number = parts.slice(first, last + 1).join('');
    if (mapping.knowsNumber(number) || (starts && ends && isWritten(number, digits, opening, parts[last + 1] ?? ''))) return last;
    digits -= parts[last].length;
  }
  return parts[first].length >= MIN_COMPACT ? first : -1;
}

/** Whether groups of digits are written like a number and unlike a version or a list. */
function isWritten(number: string, total: number, before: string, after: string): boolean {
  if (after.startsWith('/')) return false;
  if (before.endsWith('+') || before.endsWith('+(')) return true;
  if (before.endsWith('(') && /^\d{2,5}\)/.test(number)) return true;
  // A trunk prefix: 030/1234567, 01.23.45.67.89.
  if (number.startsWith('0')) return total > MIN_DIGITS && !/(?<!\d)\d(?!\d)/.test(number);
  if (/^1(\D)\d{3}\1\d{3}\1\d{4}$/.test(number)) return true;
  if (/(?<!\d)\d\d?(?!\d)/.test(number)) return false;
  const separators = new Set(number.match(/\D+/g));
  return separators.size === 1 && (total >= 9 || (separators.has('-') && /\d{4}$/.test(number)));
}
