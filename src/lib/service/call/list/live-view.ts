/** The list of what is going on, drawn anew in place: open calls, and below them the latest that are over. */
import type { Writable } from 'node:stream';
import type { CallSummary } from '../../../calls/index.js';
import type { ListFormat } from './formats.js';

const HOME_AND_CLEAR = '\u001b[H\u001b[2J';
const DEFAULT_ROWS = 24;
/** Head, count, and the line of the cursor. */
const OTHER_LINES = 3;
const MAX_RECENT = 500;

export class LiveView {
  private readonly recent: CallSummary[] = [];

  constructor(
    private readonly stream: Writable,
    private readonly format: ListFormat,
  ) {}

  /** The latest that are over. */
  get latest(): readonly CallSummary[] {
    return this.recent;
  }

  over(call: CallSummary): void {
    this.recent.push(call);
    if (this.recent.length > MAX_RECENT) this.recent.shift();
  }

  /** As many as the terminal has lines; what is open comes first, the newest on top. */
  draw(open: readonly CallSummary[], found: number): void {
    const lines = ((this.stream as { rows?: number }).rows ?? DEFAULT_ROWS) - OTHER_LINES;
    const newest = [...open].sort((a, b) => b.number - a.number);
    const shown = [...newest, ...[...this.recent].reverse()].slice(0, Math.max(1, lines));
    const count = `${open.length} open, ${found} over\n`;
    this.stream.write(`${HOME_AND_CLEAR}${count}${this.format.head}${shown.map((call) => this.format.row(call)).join('')}`);
  }

  /** Leaves the screen to what is printed at the end. */
  clear(): void {
    this.stream.write(HOME_AND_CLEAR);
  }
}
