/** The run of `hep listen`: of the whole, or of one of its processes. */
import type { Environment } from '../../base/index.js';
import { RepeatWindow } from '../../hep/index.js';
import type { ListenerSettings } from '../../pipeline/input/hep-listeners.js';
import { ListenerSource } from '../../pipeline/input/listener-source.js';
import type { RunOptions } from '../../pipeline/options.js';
import { run, type RunPlan } from '../../pipeline/run.js';
import { readFilter, type FilterOptions } from '../../script/filter/index.js';
import { planOf, type ProcessPlace } from '../plan.js';
import { readChoice } from '../route/script-choice.js';

export interface HepListenOptions extends RunOptions {
  /** hep_udp:host:port and so on. */
  listeners: readonly string[];
  listening: ListenerSettings;
  /** Processes that share the work. */
  processes: number;
  /** Selects messages. */
  select: FilterOptions;
  /** Packets without this key are refused; '' accepts all. */
  authKey: string;
  /** Store what a sender repeats, too. */
  acceptRepeats: boolean;
}

/** `place` and `onReady` in one of several processes. */
export async function listenRun(
  options: HepListenOptions,
  env: Environment,
  place?: ProcessPlace,
  onReady?: (plan: RunPlan) => RunPlan['onReady'],
): Promise<number> {
  const { listeners, listening, authKey } = options;
  const script = await readChoice(options.route, env);
  const source = new ListenerSource(listeners, listening, env, options.sinks.hep?.targets);
  const repeats = options.acceptRepeats ? null : new RepeatWindow();
  const shared = planOf(options, { env, script, filter: readFilter(options.select, env), live: true, authKey, repeats, place });
  const plan: RunPlan = { ...shared, source, repeats };
  return run({ ...plan, onReady: onReady?.(plan) }, env);
}
