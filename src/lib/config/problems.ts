/** Errors, warnings and notes of all sources in one text, the files first. Secrets are hidden in the lines shown. */
import type { Severity, Source } from '../route/index.js';
import { Diagnostics, formatDiagnostics, type Place } from '../route/index.js';
import type { Spot } from './draft.js';
import { hidePasswords, hideSecrets } from './secrets.js';

export interface Problem {
  severity: Severity;
  /** Place and message. */
  text: string;
  /** '' where there is nothing to say. */
  repair: string;
}

export class Report {
  private readonly parts = new Map<Source, Diagnostics>();
  private readonly hidden = new Map<Source, Place[]>();

  for(source: Source): Diagnostics {
    let diagnostics = this.parts.get(source);
    if (diagnostics === undefined) this.parts.set(source, (diagnostics = new Diagnostics()));
    return diagnostics;
  }

  error(spot: Spot, message: string, repair = ''): void {
    this.for(spot.source).error(spot.value, message, repair);
  }

  warn(spot: Spot, message: string, repair = ''): void {
    this.for(spot.source).warn(spot.value, message, repair);
  }

  note(spot: Spot, message: string, repair = ''): void {
    this.for(spot.source).note(spot.value, message, repair);
  }

  /** There is a secret here. */
  hide(source: Source, place: Place): void {
    const places = this.hidden.get(source);
    if (places === undefined) this.hidden.set(source, [place]);
    else places.push(place);
  }

  /** Errors, warnings and notes, a line each. */
  problems(): Problem[] {
    return [...this.parts].flatMap(([source, diagnostics]) =>
      diagnostics.list().map(({ severity, place, message, repair, others }) => {
        const places = others.length === 0 ? '' : ` (${others.length + 1} places)`;
        const text = `${source.nameAt(place.from)}:${source.lineColumn(place.from).line}: ${hidePasswords(message)}${places}`;
        return { severity, text, repair: hidePasswords(repair) };
      }),
    );
  }

  get errorCount(): number {
    return [...this.parts.values()].reduce((sum, { errorCount }) => sum + errorCount, 0);
  }

  text(errorsOnly = false): string {
    return [...this.parts]
      .map(([source, diagnostics]) => {
        const shown = source.withText(hideSecrets(source.text, this.hidden.get(source) ?? []));
        return formatDiagnostics(shown, diagnostics.list(errorsOnly));
      })
      .join('');
  }
}
