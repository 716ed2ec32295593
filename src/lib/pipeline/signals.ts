/** SIGINT and SIGTERM drain and print the sums, a second one stops at once; SIGUSR1 prints the sums. */
import { EXIT_INTERRUPTED } from '../base/index.js';

export interface SignalHandlers {
  stop: () => void;
  report: () => void;
}

/** Installs the handlers; call the answer to take them away again. */
export function onSignals(handlers: SignalHandlers): () => void {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(EXIT_INTERRUPTED);
    stopping = true;
    handlers.stop();
  };
  const report = () => handlers.report();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.removeAllListeners('SIGUSR1');
  process.on('SIGUSR1', report);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGUSR1', report);
    process.on('SIGUSR1', () => {});
  };
}
