/**
 * JSON from careless senders: several objects in a row, duplicate members (the first counts, lists are joined), unescaped
 * quotes, backslashes and control characters within text.
 */
import type { Json } from './homer-json.js';

const MAX_DEPTH = 32;

/** All values of the text, or null if it is not JSON even so. */
export function readLenientJson(text: string): Json[] | null {
  const reader = new LenientReader(text);
  const values: Json[] = [];
  for (;;) {
    reader.skipBetween();
    if (reader.atEnd()) return values;
    const value = reader.value(0);
    if (value === undefined) return null;
    values.push(value);
  }
}

class LenientReader {
  private at = 0;

  constructor(private readonly text: string) {}

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** White space, and the commas and NULs that some senders put between or after objects. */
  skipBetween(): void {
    while (!this.atEnd() && (this.text.charCodeAt(this.at) <= 0x20 || this.text[this.at] === ',')) this.at++;
  }

  value(depth: number): Json | undefined {
    this.skipSpace();
    if (depth > MAX_DEPTH) return undefined;
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      default:
        return this.word();
    }
  }

  private object(depth: number): Json | undefined {
    const members: { [member: string]: Json } = Object.create(null) as { [member: string]: Json };
    this.at++;
    for (;;) {
      this.skipBetween();
      if (this.text[this.at] === '}') {
        this.at++;
        return members;
      }
      const name = this.text[this.at] === '"' ? this.string() : undefined;
      this.skipSpace();
      if (name === undefined || this.text[this.at++] !== ':') return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      const before = members[name];
      if (before === undefined || before === null) members[name] = value;
      else if (Array.isArray(before) && Array.isArray(value)) before.push(...value);
    }
  }

  private array(depth: number): Json | undefined {
    const elements: Json[] = [];
    this.at++;
    for (;;) {
      this.skipBetween();
      if (this.text[this.at] === ']') {
        this.at++;
        return elements;
      }
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      elements.push(value);
    }
  }

  /** Ends at the first quote followed by JSON punctuation. */
  private string(): string | undefined {
    const from = ++this.at;
    for (let end = from; end < this.text.length; end++) {
      if (this.text[end] === '\\') {
        // A backslash without a valid escape is text.
        if ('"\\/bfnrtu'.includes(this.text[end + 1] ?? ' ')) end++;
        continue;
      }
      if (this.text[end] !== '"' || !this.endsHere(end + 1)) continue;
      this.at = end + 1;
      return unescape(this.text.slice(from, end));
    }
    return undefined;
  }

  private endsHere(from: number): boolean {
    let at = from;
    while (at < this.text.length && this.text.charCodeAt(at) <= 0x20) at++;
    return at >= this.text.length || ',}]:'.includes(this.text[at]);
  }

  private word(): Json | undefined {
    const match = /[-+\w.]+/y;
    match.lastIndex = this.at;
    const word = match.exec(this.text)?.[0];
    if (word === undefined) return undefined;
    this.at += word.length;
    if (word === 'null') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    const number = Number(word);
    return Number.isNaN(number) ? undefined : number;
  }

  private skipSpace(): void {
    while (!this.atEnd() && this.text.charCodeAt(this.at) <= 0x20) this.at++;
  }
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g, (_whole, code: string | undefined, letter: string) =>
    code === undefined ? ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[letter] ?? letter) : String.fromCharCode(parseInt(code, 16)),
  );
}
