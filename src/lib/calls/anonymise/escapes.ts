/** Percent-encoded text (RFC 3986 section 2.1, RFC 3261 section 25.1 `escaped`): rewritten in plain form, then encoded again. */

const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/** Never fails: bytes that are not UTF-8 are read as Latin-1, an incomplete escape is text. */
export function unescaped(text: string): string {
  return text.replace(ESCAPES, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    const utf8 = bytes.toString('utf8');
    return utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8;
  });
}

export function escaped(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '%$&');
}

/** Whatever was encoded before is encoded again, except what needs no encoding (RFC 3986 section 6.2.2.2). */
export function rewriteEscaped(text: string, rewrite: (plain: string) => string): string {
  const plain = unescaped(text);
  const rewritten = rewrite(plain);
  if (rewritten === plain) return text;
  const encoded = new Set(unescaped((text.match(ESCAPES) ?? []).join('')));
  return rewritten.replace(/[^\w.~-]/gu, (character) =>
    encoded.has(character) || character <= ' ' || character > '~' ? escaped(character) : character,
  );
}
