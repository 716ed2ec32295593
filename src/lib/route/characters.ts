/** Classes of characters, by code. */

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

export function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

export function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

/** One past the last character of a name that begins at `at`; `at` itself if none does. */
export function nameEnd(text: string, at: number): number {
  if (!isNameStart(text.charCodeAt(at))) return at;
  let end = at + 1;
  while (end < text.length && isNamePart(text.charCodeAt(end))) end++;
  return end;
}

/** Characters within one pair of brackets. */
const LONGEST = 1000;

/**
 * One past the bracket that closes the one at `at`, within `limit` and on its line; -1 if none does.
 * Brackets of the same kind nest. The bound keeps reading linear in lines that open brackets again and again.
 */
export function closingEnd(text: string, at: number, open: string, close: string, limit: number): number {
  let depth = 0;
  const stop = Math.min(limit, at + LONGEST);
  for (let i = at; i < stop && text[i] !== '\n'; i++) {
    if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i + 1;
  }
  return -1;
}
