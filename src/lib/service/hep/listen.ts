/** `hep listen`: HEP from sockets, until stopped, in one process or several. */
import type { Environment } from '../../base/index.js';
import { listenRun, type HepListenOptions } from './listen-run.js';

export type { HepListenOptions };

export async function hepListen(options: HepListenOptions, env: Environment): Promise<number> {
  if (options.processes === 1) return listenRun(options, env);
  const { listenInProcesses } = await import('../processes/listen.js');
  return listenInProcesses(options, env);
}
