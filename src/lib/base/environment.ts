/** The process's own streams and clock, and a log of plain lines on standard error for commands that a person runs. */
import { systemClock, type Log } from './index.js';
import type { Environment } from '../pipeline/options.js';

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
