/** `user`: switches to it once everything that needs root is open; outputs are created afterwards. */
import type { Settings } from '../config/index.js';
import { Management } from '../node/management.js';
import { accountOf, dropPrivileges, existing, outputPaths } from '../pipeline/privileges.js';

/** Of the only process; of several, of the parent, which has no outputs. */
export function leavingRoot(settings: Settings, processes = 1): () => void {
  return leaving(settings.user, [...(processes === 1 ? pathsOf(settings) : []), ...Management.paths(settings)]);
}

/** Of one of several processes: one that is started again is that user's already. */
export function processLeavingRoot(settings: Settings): () => void {
  return process.getuid?.() === 0 ? leaving(settings.user, pathsOf(settings)) : () => {};
}

function pathsOf({ databases, relay }: Settings): string[] {
  return databases.flatMap((own) => outputPaths({ ...own, spool: relay.spool }));
}

function leaving(user: string, paths: readonly string[]): () => void {
  if (user === '') return () => {};
  const account = accountOf(user);
  const before = new Set(paths.flatMap(existing));
  return () => dropPrivileges(account, paths, before);
}
