/** The process's own streams and clock, and a log of plain lines on standard error for commands that a person runs. */
import { systemClock, type Log } from '../base/index.js';
import type { Surroundings } from './run-options.js';

export function processSurroundings(): Surroundings {
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
