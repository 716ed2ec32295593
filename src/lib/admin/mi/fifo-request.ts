/**
 * Parses what is written into a FIFO: `:command:reply` with lines and an empty one after them (text protocol), or
 * `:reply:{json}`; the text after the second colon decides. Writers may send several requests at once, or one in parts.
 */

export type FifoRequest = { kind: 'text'; command: string; reply: string; lines: string[] } | { kind: 'json'; reply: string; json: string };

/** The first request of the text and what follows it; null where more is needed. Junk up to a colon is skipped. */
export function takeRequest(text: string): { request: FifoRequest | null; rest: string } | null {
  const start = text.indexOf(':');
  if (start < 0) return text.trim() === '' ? null : { request: null, rest: '' };
  const second = text.indexOf(':', start + 1);
  if (second < 0) return null;
  const first = text.slice(start + 1, second);
  const behind = text.slice(second + 1);
  const content = behind.trimStart();
  if (content.startsWith('{') || content.startsWith('[')) {
    const end = jsonEnd(content);
    return end < 0 ? null : { request: { kind: 'json', reply: first, json: content.slice(0, end) }, rest: content.slice(end).trimStart() };
  }
  const lineEnd = behind.indexOf('\n');
  if (lineEnd < 0) return null;
  const reply = behind.slice(0, lineEnd).replace(/:\s*$/, '').trim();
  const lines: string[] = [];
  let at = lineEnd + 1;
  for (;;) {
    const end = behind.indexOf('\n', at);
    if (end < 0) return null;
    const line = behind.slice(at, end).replace(/\r$/, '');
    at = end + 1;
    if (line === '') break;
    lines.push(line);
  }
  return { request: { kind: 'text', command: first, reply, lines }, rest: behind.slice(at) };
}

/** One past the bracket that closes the first one; -1 if it has not arrived yet. */
function jsonEnd(text: string): number {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inText) {
      if (character === '\\') at++;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return -1;
}
