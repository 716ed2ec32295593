/** A script's text with its name, and the line and column of an offset. Positions are offsets; lines are counted only on demand. */

/** A range of the source. */
export interface Place {
  readonly from: number;
  /** One past the last character. */
  readonly to: number;
}

export interface LineColumn {
  /** Both from 1. */
  line: number;
  column: number;
}

/** A range of the text that comes from an included file. */
export interface SourcePart {
  /** Where it begins in the whole text. */
  from: number;
  name: string;
  /** Line of its first line within its file. */
  line: number;
  /** Indentation of its lines in the file. */
  indent: number;
}

export class Source {
  private starts: number[] | null = null;
  /** Included files, and the text after each, in order; empty if the text is a single file. */
  parts: readonly SourcePart[] = [];
  /** Offsets where a `#` replaces the `i` of an `include_file` that included nothing. */
  commented: readonly number[] = [];

  constructor(
    /** The name in messages: a file name, or a key of the configuration. */
    readonly name: string,
    readonly text: string,
    /** Number of the first line within the file, if the text is a block of a larger one. */
    readonly firstLine = 1,
    /** Indentation of each line, if the text is an indented block of a larger one. */
    readonly indent = 0,
  ) {}

  lineColumn(offset: number): LineColumn {
    const index = this.lineIndex(offset);
    const part = this.partAt(offset);
    const line = part === null ? this.firstLine + index : part.line + index - this.lineIndex(part.from);
    return { line, column: Math.min(offset, this.text.length) - this.lineStarts()[index] + 1 + (part ?? this).indent };
  }

  /** The file that holds the offset. */
  nameAt(offset: number): string {
    return this.partAt(offset)?.name ?? this.name;
  }

  /** The same position in a text of equal length, in which secrets are hidden. */
  withText(text: string): Source {
    const made = new Source(this.name, text, this.firstLine, this.indent);
    made.parts = this.parts;
    made.commented = this.commented;
    return made;
  }

  private partAt(offset: number): SourcePart | null {
    let found: SourcePart | null = null;
    for (const part of this.parts) if (part.from <= offset) found = part;
    return found;
  }

  /** The line that holds the offset, as in the file, without its end. */
  lineText(offset: number): string {
    const starts = this.lineStarts();
    const index = this.lineIndex(offset);
    const end = index + 1 < starts.length ? starts[index + 1] : this.text.length;
    const line = this.text.slice(starts[index], end).replace(/[\r\n]+$/, '');
    const isCommented = this.commented.some((at) => starts[index] <= at && at < end);
    return ' '.repeat((this.partAt(offset) ?? this).indent) + (isCommented ? line.replace('#', 'i') : line);
  }

  /** A line by its number in the whole text, from 1. */
  linePlace(line: number): Place {
    const starts = this.lineStarts();
    const from = starts[Math.min(line, starts.length) - 1];
    return { from, to: Math.max(from, (starts[line] ?? this.text.length + 1) - 1) };
  }

  /** The text of a range on one line, truncated if long. */
  excerpt(place: Place, maxLength = 60): string {
    const text = this.text
      .slice(place.from, Math.min(place.to, place.from + 4 * maxLength))
      .replace(/\s+/g, ' ')
      .trim();
    return text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
  }

  private lineIndex(offset: number): number {
    const starts = this.lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private lineStarts(): number[] {
    if (this.starts !== null) return this.starts;
    this.starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) this.starts.push(at + 1);
    return this.starts;
  }
}
