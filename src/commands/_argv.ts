/** Distinguishes the flags of a command line from their values. */

export interface FlagShape {
  type: 'option' | 'boolean' | string;
  char?: string;
  aliases?: string[];
}

/** Maps the flags only; values and arguments are unchanged. */
export function mapFlags(argv: readonly string[], flags: Readonly<Record<string, FlagShape>>, map: (word: string) => string): string[] {
  const mapped: string[] = [];
  let isValue = false;
  let isOver = false;
  for (const word of argv) {
    const isFlag: boolean = !isOver && !isValue && word.startsWith('-') && word !== '-';
    mapped.push(isFlag ? map(word) : word);
    isOver ||= isFlag && word === '--';
    isValue = isFlag && wantsValue(word, flags);
  }
  return mapped;
}

/** The next word is the value of this flag. */
function wantsValue(word: string, flags: Readonly<Record<string, FlagShape>>): boolean {
  if (word.startsWith('--')) {
    const name = word.slice(2);
    return (flags[name] ?? Object.values(flags).find(({ aliases }) => aliases?.includes(name)))?.type === 'option';
  }
  for (let i = 1; i < word.length; i++) {
    const flag = Object.values(flags).find(({ char }) => char === word[i]);
    if (flag === undefined) return false;
    if (flag.type === 'option') return i === word.length - 1;
  }
  return false;
}
