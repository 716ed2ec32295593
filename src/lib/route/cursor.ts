/** The parser's position in the tokens: the current token, the required token, and where to continue after an error. */
import type { Place, Source } from './source.js';
import type { Diagnostics } from './diagnostics.js';
import { Lexer } from './lexer.js';
import type { RouteLimits } from './limits.js';
import { describeKind, describeToken, type Token, type TokenKind } from './token-kind.js';

export class Cursor {
  token: Token;
  /** One past the last token taken. */
  end = 0;
  /** Operators read in the current expression, and else-ifs around this position: each makes the tree deeper. */
  operators = 0;
  links = 0;
  private readonly lexer: Lexer;
  private depth = 0;
  /** Offset of the last error: each position is reported once. */
  private errorAt = -1;

  constructor(
    readonly source: Source,
    readonly diagnostics: Diagnostics,
    readonly limits: RouteLimits,
  ) {
    this.lexer = new Lexer(source, diagnostics, limits);
    this.token = this.lexer.next();
  }

  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  isWord(word: string): boolean {
    return this.token.kind === 'name' && this.word() === word;
  }

  word(): string {
    return this.source.text.slice(this.token.from, this.token.to);
  }

  atEnd(): boolean {
    return this.token.kind === 'end of the script';
  }

  take(): Token {
    const { token } = this;
    this.end = token.to;
    this.token = this.lexer.next();
    return token;
  }

  /** Takes the token if it is of that kind. */
  skip(kind: TokenKind): boolean {
    if (this.token.kind !== kind) return false;
    this.take();
    return true;
  }

  /** Takes the token, or reports what was expected; the caller continues as if it had been there. */
  expect(kind: TokenKind, repair = ''): boolean {
    if (this.skip(kind)) return true;
    this.unexpected(describeKind(kind), repair);
    return false;
  }

  /** After a statement: if the next one is on a new line, or a block ends, only the semicolon is missing. */
  expectSemicolon(): void {
    if (this.skip(';')) return;
    if (this.token.onNewLine || this.is('}')) {
      const place = { from: this.end, to: this.end };
      if (this.errorAt !== this.token.from) this.diagnostics.error(place, `missing ';'`, "every statement ends with ';'");
      this.errorAt = this.token.from;
      return;
    }
    this.unexpected("';'");
    this.recover();
  }

  unexpected(expected: string, repair = ''): void {
    if (this.errorAt === this.token.from) return;
    this.errorAt = this.token.from;
    // At the end of the text the last non-empty line is shown.
    const place = this.atEnd() ? { from: this.end, to: this.end } : { from: this.token.from, to: this.token.to };
    this.diagnostics.error(place, `expected ${expected}, found ${describeToken(this.token, this.source.text)}`, repair);
  }

  /** At the end of the block opened by `{` at `from`; an unclosed block is shown at its start. */
  expectClosed(from: number, what: string): void {
    if (this.skip('}')) return;
    const { line } = this.source.lineColumn(from);
    if (!this.atEnd()) return this.unexpected("'}'", `the ${what} opened on line ${line} is not closed`);
    if (this.errorAt !== this.token.from) this.diagnostics.error({ from, to: from + 1 }, `unclosed ${what}`, "add '}' where it ends");
    this.errorAt = this.token.from;
  }

  /** Skips to where a statement can begin: after the next `;`, before the `}` of this block. Blocks in between are skipped whole. */
  recover(): void {
    for (let open = 0; !this.atEnd(); this.take()) {
      if (this.is('{')) open++;
      else if (this.is('}')) {
        if (open === 0) return;
        if (--open === 0) {
          this.take();
          return;
        }
      } else if (this.is(';') && open === 0) {
        this.take();
        return;
      }
    }
  }

  /** Skips to the parenthesis that closes an argument list, or to where the statement ends. */
  recoverInParentheses(): void {
    for (let open = 0; !this.atEnd() && !this.is(';') && !this.is('{') && !this.is('}'); this.take()) {
      if (this.is('(')) open++;
      else if (this.is(')') && open-- === 0) return;
    }
  }

  /** Calls `read` one level deeper, unless that is too deep: then the rest of the script is skipped. */
  deeper<T>(fallback: T, read: () => T): T {
    if (this.depth >= this.limits.maxDepth) {
      this.giveUp(`blocks and parentheses are nested deeper than ${this.limits.maxDepth} levels`);
      return fallback;
    }
    this.depth++;
    const value = read();
    this.depth--;
    return value;
  }

  /** Reports why, and skips the rest of the script. */
  giveUp(message: string, repair = ''): void {
    if (!this.atEnd()) this.diagnostics.error(this.token, message, repair);
    this.lexer.toEnd();
    this.take();
    this.errorAt = this.token.from;
  }

  /** The first non-blank character after the current token; '' at the end. */
  nextCharacter(): string {
    const { text } = this.source;
    let at = this.token.to;
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r' || text[at] === '\n') at++;
    return text[at] ?? '';
  }

  placeFrom(from: number): Place {
    return { from, to: Math.max(from, this.end) };
  }

  /** The rest of the line after the current token, which is consumed with it. */
  takeLine(): Place {
    const place = this.lexer.restOfLine();
    this.end = place.to;
    this.token = this.lexer.next();
    return place;
  }
}
