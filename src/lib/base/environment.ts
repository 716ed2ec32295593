/** The process's own streams and clock, and a log of plain lines on standard error for commands that a person runs. */
import type { Readable, Writable } from 'node:stream';
import { systemClock, type Clock } from './clock.js';
import type { Log } from './log.js';

/** The world outside, handed in so that tests hand in theirs. */
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

export function lineLog(stream: { write(text: string): unknown }): Log {
  const say = (text: string) => void stream.write(`sipcap: ${text}\n`);
  return { debug() {}, info: say, warn: say, error: say };
}
