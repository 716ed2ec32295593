/** Outputs that gather what they write, such as capture files, write it once a second even if it is little. */
import type { Log } from '../../base/index.js';
import type { Output } from './output.js';

const AGE_MS = 1000;

export function flushRegularly(outputs: () => readonly Output[], log: Log): NodeJS.Timeout {
  return setInterval(() => {
    for (const { name, sink, gathers } of outputs())
      if (gathers === true) sink.flush().catch((error: Error) => log.error(`${name}: cannot flush: ${error.message}`));
  }, AGE_MS).unref();
}
