/** Timers of any length: those of Node fire at once where they are longer than 24.8 days. */

const MAX_TIMER_MS = 2 ** 31 - 1;

/** For what may as well happen after 24.8 days: deadlines, pauses. */
export function timerMs(milliseconds: number): number {
  return Math.min(milliseconds, MAX_TIMER_MS);
}

/** Calls back after that time, however long; returns what cancels it. Keeps no process alive. */
export function after(milliseconds: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number) => {
    timer = setTimeout(() => (left > MAX_TIMER_MS ? arm(left - MAX_TIMER_MS) : callback()), timerMs(left)).unref();
  };
  arm(milliseconds);
  return () => clearTimeout(timer);
}
