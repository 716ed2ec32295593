/** "Did you mean": the known word nearest to an unknown one. */

/** `did you mean 'hep_relay'?`, or '' if nothing is close. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === '' ? '' : `did you mean '${nearest}'?`;
}

export function nearestWord(word: string, known: Iterable<string>): string {
  const wanted = word.slice(0, 40).toLowerCase();
  let best = '';
  let closest = Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= closest) continue;
    const away = distance(wanted, candidate.toLowerCase());
    if (away < closest) {
      best = candidate;
      closest = away;
    }
  }
  return best;
}

/** Edit distance of two words: insertions, deletions, replacements and swaps of adjacent characters. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

/** `expected one of a, b; did you mean 'a'?` */
export function expectedOneOf(given: string, words: readonly string[], also = ''): string {
  const hint = didYouMean(given, words);
  return `expected one of ${words.join(', ')}${also}${hint === '' ? '' : `; ${hint}`}`;
}
