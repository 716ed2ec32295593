/** What `route explain` sees of a run. Programs compiled without a trace have no trace of it. */
import type { Place } from './source.js';
import type { Value } from './value.js';

export interface Trace {
  /** A statement begins. */
  statement(place: Place): void;
  /** A condition will be decided: what is read from here on is read for it. */
  deciding(place: Place): void;
  /** It was decided. */
  condition(place: Place, isTrue: boolean): void;
  /** A variable was read, as written. */
  value(text: string, value: Value): void;
  /** A variable was set, as written. */
  assigned(text: string, value: Value): void;
  /** A function gave its return code. */
  result(name: string, code: number): void;
}
