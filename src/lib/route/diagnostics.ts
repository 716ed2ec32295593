/**
 * What is wrong with a script, said as compilers do: `file:line:column: message`, the line, a caret below the place, and
 * how to repair it where we know.
 */
import { DEFAULT_LIMITS } from './limits.js';
import type { Place, Source } from './source.js';

/** An error stops the load; a warning is likely a mistake; a note says what is passed over. */
export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  severity: Severity;
  place: Place;
  message: string;
  /** How to repair it, '' where nothing is known. */
  repair: string;
}

const WIDTH = 80;

export class Diagnostics {
  private readonly kept: Diagnostic[] = [];
  private errors = 0;

  constructor(private readonly maxErrors = DEFAULT_LIMITS.maxErrors) {}

  error(place: Place, message: string, repair = ''): void {
    this.errors++;
    if (this.errors <= this.maxErrors) this.kept.push({ severity: 'error', place, message, repair });
    else if (this.errors === this.maxErrors + 1)
      this.kept.push({ severity: 'note', place, message: `more than ${this.maxErrors} errors: the rest is not shown`, repair: '' });
  }

  warn(place: Place, message: string, repair = ''): void {
    if (this.errors <= this.maxErrors) this.kept.push({ severity: 'warning', place, message, repair });
  }

  note(place: Place, message: string, repair = ''): void {
    if (this.errors <= this.maxErrors) this.kept.push({ severity: 'note', place, message, repair });
  }

  get errorCount(): number {
    return this.errors;
  }

  /** In the order of the text. */
  list(): Diagnostic[] {
    return [...this.kept].sort((a, b) => a.place.from - b.place.from);
  }
}

export function formatDiagnostic(source: Source, diagnostic: Diagnostic): string {
  const { line, column } = source.lineColumn(diagnostic.place.from);
  const label = diagnostic.severity === 'error' ? '' : `${diagnostic.severity}: `;
  const lines = [`${source.name}:${line}:${column}: ${label}${diagnostic.message}`];
  const text = source.lineText(diagnostic.place.from);
  if (text.trim() !== '') lines.push(...lineWithCaret(text, column - 1, Math.max(1, diagnostic.place.to - diagnostic.place.from)));
  if (diagnostic.repair !== '') lines.push(`    note: ${diagnostic.repair}`);
  return lines.join('\n');
}

export function formatDiagnostics(source: Source, diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((one) => `${formatDiagnostic(source, one)}\n`).join('');
}

/** The line cut to its width around the place, and carets below it. */
function lineWithCaret(text: string, at: number, length: number): string[] {
  let from = 0;
  if (text.length > WIDTH && at > WIDTH - 20) from = Math.min(at - 20, text.length - WIDTH);
  const shown = printable(text.slice(from, from + WIDTH));
  const left = at - from;
  const carets = '^'.repeat(Math.max(1, Math.min(length, shown.length - left)));
  return [
    `    ${from > 0 ? '...' : ''}${shown}${from + WIDTH < text.length ? '...' : ''}`,
    `    ${from > 0 ? '   ' : ''}${' '.repeat(left)}${carets}`,
  ];
}

/** One column for each character: tabs and control characters would shift the caret, or the terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\t/g, ' ').replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}
