/** Shell patterns without regular expressions, so that no pattern can be invalid or slow: `*`, `?`, `[a-z]`, `[!a-z]`. */

export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?') || text.includes('[');
}

/** True if the whole name matches. A leading dot is matched by a dot only. */
export function globMatches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let patternAt = 0;
  /** Where to resume on a mismatch: after the last star, which then covers one more character. */
  let afterStar = -1;
  let underStar = 0;
  while (at < name.length) {
    if (pattern[patternAt] === '*') {
      afterStar = ++patternAt;
      underStar = at;
      continue;
    }
    const end = fits(pattern, patternAt, name[at]);
    if (end > 0) {
      patternAt = end;
      at++;
    } else if (afterStar < 0) {
      return false;
    } else {
      patternAt = afterStar;
      at = ++underStar;
    }
  }
  while (pattern[patternAt] === '*') patternAt++;
  return patternAt === pattern.length;
}

/** Where the pattern continues if its next part matches the character, else 0. */
function fits(pattern: string, at: number, character: string): number {
  if (at >= pattern.length) return 0;
  if (pattern[at] === '?') return at + 1;
  // A bracket that is never closed is a plain character; the first one inside may be ']' itself.
  const negated = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  const first = at + (negated ? 2 : 1);
  const close = pattern[at] === '[' ? pattern.indexOf(']', first + 1) : -1;
  if (close < 0) return pattern[at] === character ? at + 1 : 0;
  return inSet(pattern.slice(first, close), character) === negated ? 0 : close + 1;
}

function inSet(set: string, character: string): boolean {
  for (let at = 0; at < set.length; at++) {
    const isRange = set[at + 1] === '-' && at + 2 < set.length;
    if (isRange ? character >= set[at] && character <= set[at + 2] : character === set[at]) return true;
    if (isRange) at += 2;
  }
  return false;
}
