/** What a reload cannot change while the node runs. */
import type { Settings } from '../config/index.js';

/** Names of settings that differ and take effect at the next start only. */
export function restartNeeded(before: Settings, after: Settings): string[] {
  const names: string[] = [];
  if (before.user !== after.user) names.push('user');
  if (before.workers !== after.workers) names.push('raw_sock_children');
  if (before.processes !== after.processes) names.push('processes');
  return names;
}
