/**
 * Patterns of `=~`, `!~`, `search()` and `{re.subst}`: POSIX extended regular expressions as OpenSIPS compiles them. They
 * run on RE2, whose time grows with the length of the text times that of the pattern, which is bounded.
 */
import { createRequire } from 'node:module';
import type * as Engine from 're2js';

/** Longer ones are rejected: a pattern may come from traffic. */
const MAX_PATTERN = 4096;
/** A counted repetition has as many states as it counts. */
const MAX_STATES = 1000;
const MAX_KEPT = 64;
/** Letters after a backslash that have a meaning in RE2; any other is literal. */
const ESCAPES = 'abBAzdDsSwWfnrtvxpPQ';
/** Further ones in glibc. */
const GNU_ESCAPES: Readonly<Record<string, string>> = { '<': '\\b', '>': '\\b', '`': '\\A', "'": '\\z' };

export type Pattern = Pick<Engine.RE2JS, 'test' | 'matcher'>;

export interface PatternOptions {
  /** Case-insensitive, as always except for `{re.subst}` without the flag i. */
  isCaseless?: boolean;
  /** `^` and `$` are the ends of a line, and only `\n` itself matches one: `search()`, and `{re.subst}` without the flag s. */
  isOfLines?: boolean;
}

/** The compiled pattern, or its error. */
export function compilePattern(pattern: string, { isCaseless = true, isOfLines = false }: PatternOptions = {}): Pattern | string {
  if (pattern.length > MAX_PATTERN) return `it is longer than ${MAX_PATTERN} characters`;
  const translated = translate(pattern, isOfLines);
  if (!translated.startsWith('=')) return translated;
  const { RE2JS: engine } = loaded();
  const flags = (isOfLines ? engine.MULTILINE : engine.DOTALL) | (isCaseless ? engine.CASE_INSENSITIVE : 0);
  try {
    return bounded(engine.compile(translated.slice(1), flags | engine.LONGEST_MATCH));
  } catch (error) {
    return (error as Error).message
      .replace(/^error parsing regexp: /, '')
      .replaceAll('(?s)', '')
      .replaceAll('(?m)', '')
      .replaceAll('(?i)', '');
  }
}

/** A pattern in the syntax of RE2, for texts of several lines: `^` and `$` are the ends of a line. Or its error. */
export function compileLinePattern(pattern: string): Pattern | string {
  if (pattern.length > MAX_PATTERN) return `it is longer than ${MAX_PATTERN} characters`;
  const { RE2JS: engine } = loaded();
  try {
    return bounded(engine.compile(pattern, engine.MULTILINE));
  } catch (error) {
    return (error as Error).message.replace(/^error parsing regexp: /, '');
  }
}

/** Patterns compiled at run time; the latest ones are cached. */
export class PatternCache {
  private readonly kept = new Map<string, Pattern | string>();

  constructor(private readonly options: PatternOptions = {}) {}

  get(pattern: string): Pattern | string {
    let compiled = this.kept.get(pattern);
    if (compiled !== undefined) return compiled;
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    compiled = compilePattern(pattern, this.options);
    this.kept.set(pattern, compiled);
    return compiled;
  }
}

/** Each character of a text may cost as many steps as the pattern has states. */
function bounded(compiled: Engine.RE2JS): Pattern | string {
  const states = compiled.programSize();
  return states <= MAX_STATES
    ? compiled
    : `it is too expensive: ${states} states, at most ${MAX_STATES} (shorten counted repetitions such as {1,900})`;
}

/** The engine is loaded only for scripts with patterns. */
function loaded(): typeof Engine {
  return createRequire(import.meta.url)('re2js') as typeof Engine;
}

/** `=` and the pattern as RE2 reads it, or its error. */
function translate(pattern: string, isOfLines: boolean): string {
  let made = '=';
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at];
    if (character === '\\') {
      const next = pattern[at + 1];
      if (next >= '1' && next <= '9') return `back references such as \\${next} are not supported`;
      made += escaped(next);
      at += 2;
    } else if (character === '[') {
      const end = bracketEnd(pattern, at);
      if (end < 0) return "'[' is not closed";
      const inner = translateBracket(pattern.slice(at + 1, end), isOfLines);
      if (!inner.startsWith('[')) return inner;
      made += inner;
      at = end + 1;
    } else if (pattern.startsWith('{,', at)) {
      made += '{0,';
      at += 2;
    } else {
      made += character;
      at++;
    }
  }
  return made;
}

/** A backslash at the end is literal. */
function escaped(next: string | undefined): string {
  if (next === undefined) return '\\\\';
  if (next in GNU_ESCAPES) return GNU_ESCAPES[next];
  return /[A-Za-z]/.test(next) && !ESCAPES.includes(next) ? next : `\\${next}`;
}

/** Where the bracket expression ends: a `]` that comes first is a member. */
function bracketEnd(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length; at++) {
    if (pattern[at] === ']') return at;
    if (pattern.startsWith('[:', at)) {
      const end = pattern.indexOf(':]', at + 2);
      if (end > 0) at = end + 1;
    }
  }
  return -1;
}

const CLASS = /^\[:(?:alpha|digit|alnum|upper|lower|space|blank|punct|xdigit|cntrl|print|graph):\]/;

function translateBracket(members: string, isOfLines: boolean): string {
  let made = '[';
  let at = 0;
  if (members[0] === '^') {
    made += isOfLines ? '^\\n' : '^';
    at = 1;
  }
  for (; at < members.length; at++) {
    if (members[at] === '[' && (members[at + 1] === '.' || members[at + 1] === '='))
      return `collating elements such as ${members.slice(at, at + 3)} are not supported`;
    const named = members.startsWith('[:', at) ? CLASS.exec(members.slice(at)) : null;
    if (named !== null) {
      made += named[0];
      at += named[0].length - 1;
    } else if (members[at] === '\\') {
      // `[\.]` and `[\d]` are meant as dot and digit; POSIX would add the backslash as a member.
      made += escaped(members[++at]);
    } else made += members[at] === '[' || members[at] === ']' ? `\\${members[at]}` : members[at];
  }
  return `${made}]`;
}
