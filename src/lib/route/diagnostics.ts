/**
 * The errors of a script, reported as by compilers: `file:line:column: message`, the line, a caret below the position, and
 * how to repair it if known. The same error in many places is reported once, with the places.
 */
import { DEFAULT_LIMITS } from './limits.js';
import type { Place, Source } from './source.js';

/** An error prevents loading; a warning points at a likely error; a note reports what is ignored. */
export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  severity: Severity;
  place: Place;
  message: string;
  /** How to repair it, '' if unknown. */
  repair: string;
  /** Other positions of the same error. */
  others: readonly Place[];
}

const WIDTH = 80;
const SHOWN_PLACES = 8;
/** Up to this many of the same kind are shown one by one; more are shown once with a list of places. */
const SINGLES = 3;
/** Number of kinds kept, as a multiple of the errors shown. */
const KINDS = 10;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

export class Diagnostics {
  private readonly kinds = new Map<string, Diagnostic & { others: Place[] }>();
  private errors = 0;

  constructor(private readonly maxErrors = DEFAULT_LIMITS.maxErrors) {}

  error(place: Place, message: string, repair = ''): void {
    this.errors++;
    this.add('error', place, message, repair);
  }

  warn(place: Place, message: string, repair = ''): void {
    this.add('warning', place, message, repair);
  }

  note(place: Place, message: string, repair = ''): void {
    this.add('note', place, message, repair);
  }

  get errorCount(): number {
    return this.errors;
  }

  /** Errors, then warnings, then notes, each in the order of the text. */
  list(errorsOnly = false): Diagnostic[] {
    return (errorsOnly ? SEVERITIES.slice(0, 1) : SEVERITIES).flatMap((severity) => {
      const all = [...this.kinds.values()]
        .filter((one) => one.severity === severity)
        .flatMap((one) => shownOf(one))
        .sort((a, b) => a.place.from - b.place.from);
      if (all.length <= this.maxErrors) return all;
      const { place } = all[this.maxErrors];
      const message = `more than ${this.maxErrors} ${severity}s: the rest is not shown`;
      return [...all.slice(0, this.maxErrors), { severity: 'note', place, message, repair: '', others: [] }];
    });
  }

  private add(severity: Severity, place: Place, message: string, repair: string): void {
    const key = `${severity}\n${message}\n${repair}`;
    const known = this.kinds.get(key);
    if (known !== undefined) known.others.push(place);
    else if (this.kinds.size < KINDS * this.maxErrors) this.kinds.set(key, { severity, place, message, repair, others: [] });
  }
}

/** The same in a few places gives as many diagnostics. */
function shownOf(one: Diagnostic): Diagnostic[] {
  const places = [one.place, ...one.others].sort((a, b) => a.from - b.from);
  if (places.length > SINGLES) return [{ ...one, place: places[0], others: places.slice(1) }];
  return places.map((place) => ({ ...one, place, others: [] }));
}

export function formatDiagnostic(source: Source, diagnostic: Diagnostic): string {
  const { line, column } = source.lineColumn(diagnostic.place.from);
  const label = diagnostic.severity === 'error' ? '' : `${diagnostic.severity}: `;
  const { others } = diagnostic;
  const count = others.length === 0 ? '' : ` (${others.length + 1} places)`;
  const lines = [`${source.nameAt(diagnostic.place.from)}:${line}:${column}: ${label}${diagnostic.message}${count}`];
  const text = source.lineText(diagnostic.place.from);
  if (text.trim() !== '') lines.push(...lineWithCaret(text, column - 1, Math.max(1, diagnostic.place.to - diagnostic.place.from)));
  if (others.length > 0) lines.push(`    also at ${placesText(source, others)}`);
  if (diagnostic.repair !== '') lines.push(`    note: ${diagnostic.repair}`);
  return lines.join('\n');
}

/** The first few, by line and column. */
function placesText(source: Source, places: readonly Place[]): string {
  const shown = places.slice(0, SHOWN_PLACES).map(({ from }) => {
    const { line, column } = source.lineColumn(from);
    return `${line}:${column}`;
  });
  return `${shown.join(', ')}${places.length > SHOWN_PLACES ? ` and ${places.length - SHOWN_PLACES} more` : ''}`;
}

export function formatDiagnostics(source: Source, diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((one) => `${formatDiagnostic(source, one)}\n`).join('');
}

/** The line truncated to its width around the position, and carets below it. */
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
