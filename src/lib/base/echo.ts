/** A log shared by parallel workers: an entry just logged by one of them is not repeated by the others. */
import type { Clock } from './clock.js';
import type { Log } from './log.js';

const ECHO_MS = 1000;

export function withoutEchoes(log: Log, clock: Clock): Log {
  const reported = new Map<string, number>();
  const once = (write: (text: string) => void) => (text: string) => {
    const now = clock.monotonic();
    for (const [old, at] of reported) if (now - at >= ECHO_MS) reported.delete(old);
    if (reported.has(text)) return;
    reported.set(text, now);
    write(text);
  };
  return {
    debug: once((text) => log.debug(text)),
    info: once((text) => log.info(text)),
    warn: once((text) => log.warn(text)),
    error: once((text) => log.error(text)),
  };
}
