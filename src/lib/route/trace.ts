/** The events of a run for `route explain`. Programs compiled without a trace have no overhead for it. */
import type { Place } from './source.js';
import type { Value } from './value.js';

export interface Trace {
  /** A statement begins. */
  statement(place: Place): void;
  /** A condition is about to be evaluated: what is read from here on belongs to it. */
  deciding(place: Place): void;
  /** It was evaluated. */
  condition(place: Place, isTrue: boolean): void;
  /** A variable was read, as written. */
  value(text: string, value: Value): void;
  /** A variable was set, as written. */
  assigned(text: string, value: Value): void;
  /** A function returned its code. */
  result(name: string, code: number): void;
}
