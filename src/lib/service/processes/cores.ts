/** How many processes, and whether the machine has cores for them. */
import { availableParallelism } from 'node:os';
import { UsageError, datagramAddon, type HepEndpoint, type Log } from '../../base/index.js';
import type { Settings } from '../../config/index.js';

export const MAX_PROCESSES = 128;

/** `auto` is one per core. */
export function processCount(text: string): number {
  if (text === 'auto') return Math.min(availableParallelism(), MAX_PROCESSES);
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_PROCESSES)
    throw new UsageError(`invalid --processes '${text}': expected a whole number from 1 to ${MAX_PROCESSES}, or auto`);
  return count;
}

/** Of a node: what listens nowhere has nothing to share. */
export function processesOf({ processes, listeners }: Settings, log: Log): number {
  if (processes !== 1 && listeners.length === 0) log.warn('processes has no effect without HEP listeners (socket)');
  return listeners.length === 0 ? 1 : processes === 0 ? processCount('auto') : processes;
}

export function warnOfCores(count: number, log: Log): void {
  const cores = availableParallelism();
  if (count > cores) log.warn(`${count} processes share ${cores} cores: more than one per core only costs memory`);
}

/** Node's own UDP sockets cannot share a port in the way that the addon's can. */
export function refuseWithoutAddon(listeners: readonly HepEndpoint[], name: string): void {
  if (datagramAddon() === null && listeners.some(({ transport }) => transport === 'udp'))
    throw new UsageError(
      `${name} excludes UDP without the addon (built at npm install on Linux where there is a C compiler); use hep_tcp, or one process`,
    );
}
