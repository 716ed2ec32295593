/** "Did you mean": the word of a list that is nearest to a misspelt one. */

/** The nearest of the words, '' where none is near: one slip in three letters, and two in all for short words. */
export function nearest(given: string, words: Iterable<string>): string {
  const wanted = given.toLowerCase();
  let best = '';
  let least = Math.max(1, Math.min(4, Math.floor(given.length / 3))) + 1;
  for (const word of words) {
    const away = distance(wanted, word.toLowerCase(), least);
    if (away < least) {
      least = away;
      best = word;
    }
  }
  return best;
}

/** `: did you mean 'x'?`, '' where nothing is near. */
export function didYouMean(given: string, words: Iterable<string>, sign = '; '): string {
  const word = nearest(given, words);
  return word === '' ? '' : `${sign}did you mean '${word}'?`;
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

/** Levenshtein's distance with neighbours exchanged as one slip; `limit` where it is at least that. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2] + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
