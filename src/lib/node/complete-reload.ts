/** The end of every reload, in one process or several: what it changes elsewhere, and the settings that take a restart. */
import type { Log } from '../base/index.js';
import type { Settings } from '../config/index.js';

interface ReloadHook {
  /** Applies what a reload changes outside of the pipeline; returns what needs a restart. */
  onReload?(settings: Settings): Promise<string[]>;
}

/** Calls the hook, and logs that the configuration is in force. */
export async function completeReload(settings: Settings, hook: ReloadHook, log: Log): Promise<void> {
  const restart = (await hook.onReload?.(settings)) ?? [];
  if (restart.length === 0) log.info('configuration reloaded');
  else log.warn(`configuration reloaded; restart to apply: ${restart.join(', ')}`);
}
