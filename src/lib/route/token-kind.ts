/** Kinds of tokens. If a token has one spelling the kind is that text, so that messages read well. */

export const PUNCTUATION = [
  // Longest first: the lexer takes the first match.
  '<<',
  '>>',
  '==',
  '!=',
  '<=',
  '>=',
  '=~',
  '!~',
  '&&',
  '||',
  ':=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  ':',
  '=',
  '<',
  '>',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '~',
  '.',
] as const;

export type Punctuation = (typeof PUNCTUATION)[number];

export type TokenKind = Punctuation | 'name' | 'number' | 'string' | 'variable' | 'address' | 'end of the script';

export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
  /** True if a line ends between the previous token and this one. */
  onNewLine: boolean;
}

/** How messages name a token: `'}'`, `'hep_rely'`, `the end of the script`. */
export function describeToken(token: Token, text: string): string {
  if (token.kind === 'end of the script') return 'the end of the script';
  const spelling = text.slice(token.from, token.to).replace(/\s+/g, ' ');
  return `'${spelling.length > 30 ? `${spelling.slice(0, 27)}...` : spelling}'`;
}

export function describeKind(kind: TokenKind): string {
  switch (kind) {
    case 'name':
      return 'a name';
    case 'number':
      return 'a number';
    case 'string':
      return 'a string';
    case 'variable':
      return 'a variable';
    case 'address':
      return 'an address';
    case 'end of the script':
      return 'the end of the script';
    default:
      return `'${kind}'`;
  }
}
