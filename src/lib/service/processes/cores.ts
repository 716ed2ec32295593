/** How many processes, and whether the machine has cores for them. */
import { availableParallelism } from 'node:os';
import { UsageError, type Log } from '../../base/index.js';

export const MAX_PROCESSES = 128;

/** `auto` is one per core. */
export function processCount(text: string): number {
  if (text === 'auto') return Math.min(availableParallelism(), MAX_PROCESSES);
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_PROCESSES)
    throw new UsageError(`invalid --processes '${text}': expected a whole number from 1 to ${MAX_PROCESSES}, or auto`);
  return count;
}

export function warnOfCores(count: number, log: Log): void {
  const cores = availableParallelism();
  if (count > cores) log.warn(`${count} processes share ${cores} cores: more than one per core only costs memory`);
}
