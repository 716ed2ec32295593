/** The process's own streams and clock, and a plain-text log on standard error for interactive commands. */
import type { Readable, Writable } from 'node:stream';
import { systemClock, type Clock } from './clock.js';
import type { Log } from './log.js';
import { escapedLine } from './text.js';

export * from './bind-error.js';
export * from './plain-files.js';

/** What a service is given from outside; tests pass their own. */
export interface Environment {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  clock: Clock;
  log: Log;
  /** True where colours and a progress bar may be shown. */
  colour: boolean;
}

export function processEnvironment(): Environment {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    log: lineLog(process.stderr),
    colour: process.stdout.isTTY === true,
  };
}

/** One line per entry, whatever its text contains: log entries may quote packets and scripts. */
export function lineLog(stream: { write(text: string): unknown }): Log {
  const line = (text: string) => void stream.write(`sipcap: ${escapedLine(text.trimEnd())}\n`);
  return { debug() {}, info: line, warn: line, error: line };
}
