/**
 * SIGINT and SIGTERM end a run in order, a second one ends it at once; SIGUSR1 prints the summary. Some programs send
 * SIGTERM twice (GNU `timeout` sends it to the group and to the child): within a second that counts once.
 */
import { EXIT_INTERRUPTED, type Clock } from '../base/index.js';

export interface SignalHandlers {
  stop: () => void;
  report: () => void;
}

/** A second SIGINT within this time is the same key press. */
const SAME_INT_MS = 200;
const SAME_TERM_MS = 1000;

/** Installs the handlers; call the result to remove them. */
export function onSignals(handlers: SignalHandlers, clock: Clock): () => void {
  let stoppedAt = -1;
  const stop = (sameMs: number) => () => {
    const now = clock.monotonic();
    if (stoppedAt >= 0) {
      if (now - stoppedAt >= sameMs) process.exit(EXIT_INTERRUPTED);
      return;
    }
    stoppedAt = now;
    handlers.stop();
  };
  const onInt = stop(SAME_INT_MS);
  const onTerm = stop(SAME_TERM_MS);
  const report = () => handlers.report();
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  process.removeAllListeners('SIGUSR1');
  process.on('SIGUSR1', report);
  return () => {
    process.off('SIGINT', onInt);
    process.off('SIGTERM', onTerm);
    process.off('SIGUSR1', report);
    process.on('SIGUSR1', () => {});
  };
}
