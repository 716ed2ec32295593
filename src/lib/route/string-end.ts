/** Finds the end of a string whose line has no closing quote. */

/** Characters that a string may have after its first line. */
const MAX_LATER = 4000;

/** Where an unclosed string most likely ends: before the `;` and the parentheses that close what precedes it. */
export function unclosedEnd(text: string, from: number, lineEnd: number): number {
  let end = lineEnd;
  const trim = () => {
    while (end > from + 1 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  };
  trim();
  while (end > from + 1 && (text[end - 1] === ',' || text[end - 1] === ';' || text[end - 1] === '{' || text[end - 1] === '}')) {
    end--;
    trim();
  }
  let open = 0;
  for (let at = from; at < end; at++) open += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0;
  while (open < 0 && end > from + 1 && text[end - 1] === ')') {
    end--;
    open++;
    trim();
  }
  return end;
}

/**
 * One past the quote that closes a string on a later line, -1 if the next quote opens another string: a closing
 * quote is followed by what may follow a string, an opening quote is preceded by what may precede one.
 */
export function endOnLaterLine(text: string, from: number, quote: string): number {
  const limit = Math.min(text.length, from + MAX_LATER);
  let at = from;
  while (at < limit && text[at] !== quote) at += text[at] === '\\' && quote === '"' ? 2 : 1;
  if (at >= limit) return -1;
  let before = at - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  let after = at + 1;
  while (text[after] === ' ' || text[after] === '\t') after++;
  return '(,=~[+'.includes(text[before]) || !'),;]}+=!&|<>-*/\r\n'.includes(text[after] ?? '\n') ? -1 : at + 1;
}

export function tail(text: string): string {
  return text.length > 24 ? `...${text.slice(-20)}` : text;
}
