/** A log for several that do the same work: what one of them has just said, the others need not say again. */
import type { Clock } from './clock.js';
import type { Log } from './log.js';

const ECHO_MS = 1000;

export function withoutEchoes(log: Log, clock: Clock): Log {
  const reported = new Map<string, number>();
  const once = (say: (text: string) => void) => (text: string) => {
    const now = clock.monotonic();
    for (const [old, at] of reported) if (now - at >= ECHO_MS) reported.delete(old);
    if (reported.has(text)) return;
    reported.set(text, now);
    say(text);
  };
  return {
    debug: once((text) => log.debug(text)),
    info: once((text) => log.info(text)),
    warn: once((text) => log.warn(text)),
    error: once((text) => log.error(text)),
  };
}
