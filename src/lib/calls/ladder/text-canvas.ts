/** A line of characters that is drawn on from both sides. */
import { charactersOf, columnsOf, cutTo } from '../../base/index.js';

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
    .replace(/[^\x20-\x7e\n]/gu, '?');
}

export class Canvas {
  private readonly cells: string[];

  constructor(readonly width: number) {
    this.cells = new Array<string>(width).fill(' ');
  }

  put(at: number, text: string): void {
    let column = at;
    for (const character of charactersOf(text)) {
      const columns = columnsOf(character);
      if (column < 0 || column + columns > this.cells.length) return;
      // A wide character has the cell after its own as well.
      this.cells.fill('', column, column + columns);
      if (columns > 0) this.cells[column] = character;
      column += columns;
    }
  }

  /** Centred between two columns, truncated if longer. */
  centre(from: number, to: number, text: string, ellipsis: string): void {
    const room = to - from;
    if (room <= 0) return;
    const fitted = cutTo(text, room, ellipsis);
    this.put(from + Math.floor((room - columnsOf(fitted)) / 2), fitted);
  }

  toString(): string {
    return this.cells.join('').trimEnd();
  }
}
