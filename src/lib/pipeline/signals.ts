/**
 * SIGINT and SIGTERM end a run cleanly, a second one ends it at once; SIGUSR1 prints the summary. Some programs send
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

interface Listener {
  (): void;
  /** Its run has ended: it stays until the process exits, or until the next run. */
  isOver?: boolean;
}

/** Installs the handlers; call the result when the run is over. */
export function onSignals(handlers: SignalHandlers, clock: Clock): () => void {
  let stoppedAt = -1;
  let isOver = false;
  const stop = (sameMs: number) => () => {
    const now = clock.monotonic();
    if (stoppedAt >= 0) {
      if (now - stoppedAt >= sameMs) endNow();
      return;
    }
    stoppedAt = now;
    if (isOver) endNow();
    else handlers.stop();
  };
  const listeners: [NodeJS.Signals, Listener][] = [
    ['SIGINT', stop(SAME_INT_MS)],
    ['SIGTERM', stop(SAME_TERM_MS)],
    ['SIGUSR1', () => isOver || handlers.report()],
  ];
  process.removeAllListeners('SIGUSR1');
  for (const [signal, listener] of listeners) {
    for (const former of process.listeners(signal) as Listener[]) if (former.isOver === true) process.off(signal, former);
    process.on(signal, listener);
  }
  return () => {
    isOver = true;
    for (const [, listener] of listeners) listener.isOver = true;
  };
}

/** With the exit code of the finished run. */
function endNow(): never {
  process.exit(process.exitCode ?? EXIT_INTERRUPTED);
}
