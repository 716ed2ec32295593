/** What connects a task with the messages of the parent. */
import type { ToProcess } from './protocol.js';
import type { Reporter } from './reporter.js';

export interface TaskHooks {
  onMessage(message: ToProcess): void;
  /** Its reporter, once it runs. */
  reporter: Reporter | null;
  /** It is to stop; the run has not heard of signals that came before it began. */
  isStopping: boolean;
}
