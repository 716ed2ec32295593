/** The exit code of a run; if several apply, the first in this order: usage, interrupted, unreachable, bad input. */
import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_INTERRUPTED, EXIT_UNREACHABLE, type Ledger } from '../base/index.js';
import { lostSome } from './loss-monitor.js';
import type { Outputs } from './output/outputs.js';
import type { RunSource } from './source.js';

export interface RunEnd {
  source: RunSource;
  outputs: Outputs;
  ledger: Ledger;
  /** Finite work was stopped before it was complete. */
  interrupted: boolean;
}

export function exitCodeOf({ source, outputs, ledger, interrupted }: RunEnd): number {
  if (interrupted) return EXIT_INTERRUPTED;
  if (source.gaveUp === true || !outputs.isDelivered || lostSome(outputs, ledger)) return EXIT_UNREACHABLE;
  const isBad =
    !source.isLive &&
    (source.inputs().some(({ problem }) => problem !== '') || (source.rejectsAreBad === true && ledger.rejected.total() > 0));
  return isBad ? EXIT_BAD_INPUT : EXIT_DONE;
}
