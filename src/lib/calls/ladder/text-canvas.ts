/** A line of characters that is drawn on from both sides. */

export interface LineStyle {
  lane: string;
  line: string;
  crossing: string;
  right: string;
  left: string;
  again: string;
  ellipsis: string;
  silence: string;
  hook: readonly [string, string];
  second: string;
}

export const UNICODE: LineStyle = {
  lane: '│',
  line: '─',
  crossing: '┼',
  right: '▶',
  left: '◀',
  again: '×',
  ellipsis: '…',
  silence: '···',
  hook: ['├─╮', '│◀╯'],
  second: '◆',
};

export const ASCII: LineStyle = {
  lane: '|',
  line: '-',
  crossing: '+',
  right: '>',
  left: '<',
  again: 'x',
  ellipsis: '~',
  silence: '...',
  hook: ['|-.', "|<'"],
  second: '*',
};

/** Characters outside ASCII become a question mark, except those that have an ASCII form. */
export function asciiText(text: string): string {
  return text
    .replaceAll('→', '->')
    .replaceAll('−', '-')
    .replaceAll('×', 'x')
    .replaceAll('…', '~')
    .replaceAll('◆', '*')
    .replace(/[^\x20-\x7e\n]/g, '?');
}

export class Canvas {
  private readonly cells: string[];

  constructor(readonly width: number) {
    this.cells = new Array<string>(width).fill(' ');
  }

  put(at: number, text: string): void {
    let column = at;
    for (const character of text) if (column >= 0 && column < this.cells.length) this.cells[column++] = character;
  }

  /** Centred between two columns, truncated if longer. */
  centre(from: number, to: number, text: string, ellipsis: string): void {
    const room = to - from;
    if (room <= 0) return;
    const fitted = text.length <= room ? text : `${text.slice(0, room - 1)}${ellipsis}`;
    this.put(from + Math.floor((room - fitted.length) / 2), fitted);
  }

  toString(): string {
    return this.cells.join('').trimEnd();
  }
}
