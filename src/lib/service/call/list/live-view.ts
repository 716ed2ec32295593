/** The live list, redrawn in place: open calls, and below them the latest ended ones. */
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
    /** For the columns that the terminal has now. */
    private readonly format: () => ListFormat,
  ) {}

  /** The latest ended calls. */
  get latest(): readonly CallSummary[] {
    return this.recent;
  }

  /** Number of calls that can be shown at once. */
  get lines(): number {
    return Math.max(1, ((this.stream as { rows?: number }).rows ?? DEFAULT_ROWS) - OTHER_LINES);
  }

  over(call: CallSummary): void {
    this.recent.push(call);
    if (this.recent.length > MAX_RECENT) this.recent.shift();
  }

  /** `newest`: the most recent open calls, newest first. */
  draw(newest: readonly CallSummary[], open: number, found: number): void {
    const format = this.format();
    const shown = [...newest, ...[...this.recent].reverse()].slice(0, this.lines);
    this.stream.write(`${HOME_AND_CLEAR}${open} open, ${found} over\n${format.head}${shown.map((call) => format.row(call)).join('')}`);
  }

  /** Clears the screen for what is printed at the end. */
  clear(): void {
    this.stream.write(HOME_AND_CLEAR);
  }
}
