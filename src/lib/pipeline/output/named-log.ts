/** The log of one of several: each line begins with its name. */
import type { Log } from '../../base/index.js';

export function namedLog(log: Log, name: string): Log {
  const named = (text: string) => `${name}: ${text}`;
  return {
    ...log,
    info: (text) => log.info(named(text)),
    warn: (text) => log.warn(named(text)),
    error: (text) => log.error(named(text)),
  };
}
