/**
 * Text to tokens, one at a time. Comments are `#` and `//` to the end of the line and slash-star pairs, which nest.
 * A string may span lines if the text after its quote shows that it ends there; a forgotten quote does not swallow
 * the rest of the script.
 */
import { isDigit, isHexDigit, isNamePart, isNameStart, nameEnd } from './characters.js';
import type { Diagnostics } from './diagnostics.js';
import type { RouteLimits } from './limits.js';
import type { Source } from './source.js';
import { endOnLaterLine, tail, unclosedEnd } from './string-end.js';
import { PUNCTUATION, type Token, type TokenKind } from './token-kind.js';
import { variableEnd } from './variable-text.js';

/** Characters before and after a word that are searched for a quote. */
const NEAR = 500;

export class Lexer {
  private at = 0;
  private count = 0;
  private readonly text: string;

  constructor(
    source: Source,
    private readonly diagnostics: Diagnostics,
    private readonly limits: RouteLimits,
  ) {
    this.text = source.text;
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1;
  }

  /** The next token; at the end, and past the budget, always the end token. */
  next(): Token {
    for (;;) {
      const onNewLine = this.skipBlanks();
      const from = this.at;
      if (from >= this.text.length) return { kind: 'end of the script', from, to: from, onNewLine };
      if (++this.count > this.limits.maxTokens) return this.overBudget(from, onNewLine);
      const kind = this.read();
      if (kind !== null) return { kind, from, to: this.at, onNewLine };
    }
  }

  /** The rest of the line after the last token, without comment: values of global parameters. */
  restOfLine(): { from: number; to: number } {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++;
    const from = this.at;
    let quote = '';
    while (this.at < this.text.length && !isLineEnd(this.text[this.at])) {
      const character = this.text[this.at];
      if (quote !== '') quote = character === quote ? '' : quote;
      else if (character === '"' || character === "'") quote = character;
      else if (character === '#' || character === ';' || this.text.startsWith('/*', this.at)) break;
      this.at++;
    }
    let to = this.at;
    while (to > from && (this.text[to - 1] === ' ' || this.text[to - 1] === '\t')) to--;
    if (this.text[this.at] === ';') this.at++;
    return { from, to };
  }

  /** Leaves the rest of the script unread. */
  toEnd(): void {
    this.at = this.text.length;
  }

  private overBudget(from: number, onNewLine: boolean): Token {
    this.diagnostics.error({ from, to: from + 1 }, `the script has more than ${this.limits.maxTokens} tokens`);
    this.toEnd();
    return { kind: 'end of the script', from, to: from, onNewLine };
  }

  /** Reads one token; null if the character belongs to none. */
  private read(): TokenKind | null {
    const from = this.at;
    const code = this.text.charCodeAt(from);
    if (isNameStart(code)) {
      this.at = nameEnd(this.text, this.at);
      // One word of the old conditions has a colon in it.
      if (this.at - from === 3 && this.text.startsWith('msg:len', from)) this.at += 4;
      return this.isUnopenedString(from) ? 'string' : 'name';
    }
    if (isDigit(code)) return this.readNumber();
    if (code === 0x22 || code === 0x27) return this.readString();
    if (code === 0x24) return this.readVariable();
    for (const punctuation of PUNCTUATION) {
      if (!this.text.startsWith(punctuation, this.at)) continue;
      this.at += punctuation.length;
      return punctuation;
    }
    this.at++;
    // A run of unexpected characters is one error.
    while (this.at < this.text.length && this.text.charCodeAt(this.at) > 0x7e) this.at++;
    this.diagnostics.error({ from, to: this.at }, `unexpected ${named(this.text.slice(from, this.at))}`);
    return null;
  }

  /** Decimal, 0x hex, or an IPv4 address or network. */
  private readNumber(): TokenKind {
    const from = this.at;
    if (this.text[from] === '0' && (this.text[from + 1] === 'x' || this.text[from + 1] === 'X')) {
      this.at += 2;
      while (isHexDigit(this.text.charCodeAt(this.at))) this.at++;
    } else {
      this.skipDigits();
      let dots = 0;
      while (dots < 3 && this.text[this.at] === '.' && isDigit(this.text.charCodeAt(this.at + 1))) {
        this.at++;
        dots++;
        this.skipDigits();
      }
      if (dots === 3 && this.text[this.at] === '/' && isDigit(this.text.charCodeAt(this.at + 1))) {
        this.at++;
        this.skipDigits();
      }
      if (dots === 3) return 'address';
      if (dots > 0)
        this.diagnostics.error(
          { from, to: this.at },
          `invalid number '${this.text.slice(from, this.at)}': only whole numbers are supported`,
        );
    }
    if (isNamePart(this.text.charCodeAt(this.at))) {
      while (isNamePart(this.text.charCodeAt(this.at))) this.at++;
      this.diagnostics.error(
        { from, to: this.at },
        `invalid number '${this.text.slice(from, this.at)}'`,
        'use decimal digits, or 0x and hex digits; text requires quotes',
      );
    } else if (this.at === from + 2 && /^0x$/i.test(this.text.slice(from, this.at))) {
      this.diagnostics.error({ from, to: this.at }, `invalid number '${this.text.slice(from, this.at)}': expected hex digits`);
    }
    return 'number';
  }

  private skipDigits(): void {
    while (isDigit(this.text.charCodeAt(this.at))) this.at++;
  }

  private readString(): TokenKind {
    const from = this.at;
    const quote = this.text[from];
    let at = from + 1;
    for (; at < this.text.length && !isLineEnd(this.text[at]); at++) {
      if (this.text[at] === quote) {
        if (this.isNextString(from, at)) break;
        this.at = at + 1;
        return 'string';
      }
      // Backslashes have a meaning in double quotes only; before a line end they continue the string.
      if (this.text[at] === '\\' && quote === '"') at += this.text.startsWith('\r\n', at + 1) ? 2 : 1;
    }
    const end = at < this.text.length ? endOnLaterLine(this.text, at, quote) : -1;
    if (end > 0) {
      this.at = end;
      return 'string';
    }
    this.at = unclosedEnd(this.text, from, Math.min(at, this.text.length));
    this.diagnostics.error({ from, to: this.at }, 'unterminated string', `add ${quote} after ${tail(this.text.slice(from, this.at))}`);
    return 'string';
  }

  /** `"utf8-string, "0x0011"`: the quote that closes the string at `at` opens the next one; the quote before the comma was forgotten. */
  private isNextString(from: number, at: number): boolean {
    const next = this.text.charCodeAt(at + 1);
    if (!isNamePart(next) && next !== 0x24) return false;
    let before = at - 1;
    while (this.text[before] === ' ') before--;
    return before > from && this.text[before] === ',';
  }

  /** `proto_type"`: a word that a quote follows, in a line where one is missing. */
  private isUnopenedString(from: number): boolean {
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") return false;
    // Not all of a long line: reading stays linear.
    const before = this.text.slice(Math.max(0, from - NEAR), from);
    const after = this.text.slice(from, from + NEAR);
    const end = after.search(/[\r\n]/);
    const line = before.slice(before.lastIndexOf('\n') + 1) + (end < 0 ? after : after.slice(0, end));
    if (line.split(quote).length % 2 !== 0) return false;
    this.diagnostics.error({ from, to: this.at }, 'missing opening quote', `add ${quote} before ${this.text.slice(from, this.at)}`);
    this.at++;
    return true;
  }

  private readVariable(): TokenKind | null {
    const from = this.at;
    const end = variableEnd(this.text, from, this.text.length);
    if (end > from) {
      this.at = end;
      return 'variable';
    }
    this.at++;
    const next = this.text[from + 1];
    if (isNameStart(this.text.charCodeAt(from + 1)) || next === '(') {
      this.at = nameEnd(this.text, next === '(' ? from + 2 : from + 1);
      if (this.text[this.at] === '(') this.at++;
      while (isArgumentPart(this.text.charCodeAt(this.at))) this.at++;
      this.diagnostics.error({ from, to: this.at }, "missing ')' of the variable", `add ')' after ${tail(this.text.slice(from, this.at))}`);
      return 'variable';
    }
    this.diagnostics.error({ from, to: from + 1 }, "expected a variable name after '$'");
    return null;
  }

  private lineEnd(): number {
    let end = this.at;
    while (end < this.text.length && !isLineEnd(this.text[end])) end++;
    return end;
  }

  /** Skips blanks and comments; true where a line ended among them. */
  private skipBlanks(): boolean {
    let sawLineEnd = this.at === 0;
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at];
      if (isLineEnd(character)) sawLineEnd = true;
      else if (character === '#' || this.text.startsWith('//', this.at)) this.at = this.lineComment(sawLineEnd) - 1;
      else if (this.text.startsWith('/*', this.at)) {
        const from = this.at;
        this.at = this.blockComment() - 1;
        if (this.text.slice(from, this.at).includes('\n')) sawLineEnd = true;
      } else if (character !== ' ' && character !== '\t' && character !== '\b' && character !== '\f' && character !== '\v') {
        if (character !== '\\' || !isLineEnd(this.text[this.at + 1] ?? ' ')) break;
      }
    }
    return sawLineEnd;
  }

  private lineComment(beginsLine: boolean): number {
    const end = this.lineEnd();
    const text = this.text.slice(this.at, end);
    if (beginsLine && /^#!\s*(?:define|ifn?def|ifexp|else|endif|subst|trydef|redefine|substdef)/.test(text)) {
      this.diagnostics.warn({ from: this.at, to: end }, 'preprocessor lines are ignored', 'write out what they stand for');
    }
    return end;
  }

  private blockComment(): number {
    let depth = 0;
    for (let at = this.at; at < this.text.length; at++) {
      if (this.text.startsWith('/*', at)) {
        depth++;
        at++;
      } else if (this.text.startsWith('*/', at)) {
        at++;
        if (--depth === 0) return at + 1;
      }
    }
    this.diagnostics.error({ from: this.at, to: this.at + 2 }, 'unterminated comment', "add '*/' where it ends; comments nest");
    return this.text.length;
  }
}

function isLineEnd(character: string): boolean {
  return character === '\n' || character === '\r';
}

/** Letters, digits, `_`, `-` and `.`: what names of variables and headers are made of. */
function isArgumentPart(code: number): boolean {
  return isNamePart(code) || code === 0x2d || code === 0x2e;
}

function named(characters: string): string {
  const code = characters.codePointAt(0)!;
  return code < 0x20 || code === 0x7f ? `character 0x${code.toString(16).padStart(2, '0')}` : `'${characters.slice(0, 20)}'`;
}
