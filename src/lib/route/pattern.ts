/**
 * Patterns of `=~` and `!~`: POSIX extended regular expressions, without regard to case, as OpenSIPS compiles them,
 * turned into JavaScript's. Differences lie within brackets only: there a backslash is itself, and `[:alpha:]` is known.
 */

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
};
const MAX_KEPT = 64;

/** The compiled pattern, or what is wrong with it. */
export function compilePattern(pattern: string): RegExp | string {
  const translated = translate(pattern);
  if (translated === null) return "'[' is not closed";
  try {
    return new RegExp(translated, 'is');
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '').toLowerCase();
  }
}

/** Patterns that are made while the script runs; the last ones are kept. */
export class PatternCache {
  private readonly kept = new Map<string, RegExp | string>();

  get(pattern: string): RegExp | string {
    let compiled = this.kept.get(pattern);
    if (compiled !== undefined) return compiled;
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    compiled = compilePattern(pattern);
    this.kept.set(pattern, compiled);
    return compiled;
  }
}

function translate(pattern: string): string | null {
  let made = '';
  for (let at = 0; at < pattern.length;) {
    if (pattern[at] === '\\') {
      made += at + 1 < pattern.length ? pattern.slice(at, at + 2) : '\\\\';
      at += 2;
    } else if (pattern[at] === '[') {
      const end = bracketEnd(pattern, at);
      if (end < 0) return null;
      made += translateBracket(pattern.slice(at + 1, end));
      at = end + 1;
    } else made += pattern[at++];
  }
  return made;
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

function translateBracket(members: string): string {
  let made = '';
  let at = 0;
  if (members[0] === '^') {
    made = '^';
    at = 1;
  }
  for (; at < members.length; at++) {
    const named = members.startsWith('[:', at) ? /^\[:([a-z]+):\]/.exec(members.slice(at)) : null;
    if (named !== null && named[1] in CLASSES) {
      made += CLASSES[named[1]];
      at += named[0].length - 1;
    } else if (members[at] === '\\') {
      // Who writes `[\.]` or `[\d]` means the dot and the digit; POSIX would add the backslash as a member.
      made += at + 1 < members.length ? members.slice(at, at + 2) : '\\\\';
      at++;
    } else made += members[at] === '[' || members[at] === ']' ? `\\${members[at]}` : members[at];
  }
  return `[${made}]`;
}
