/** A node as one of several processes. */
import { EXIT_BUG, type Environment } from '../../base/index.js';
import type { Settings } from '../../config/index.js';
import type { ParentLink } from './parent-link.js';
import type { Place } from './protocol.js';
import type { TaskHooks } from './task-hooks.js';

export async function nodeRun(
  _settings: Settings,
  _env: Environment,
  _place: Place,
  _link: ParentLink,
  _hooks: TaskHooks,
): Promise<number> {
  return EXIT_BUG;
}
