/** `hep listen`: HEP from sockets, until stopped. */
import type { Environment } from '../../base/index.js';
import { RepeatWindow } from '../../hep/index.js';
import type { ListenerSettings } from '../../pipeline/input/hep-listeners.js';
import { ListenerSource } from '../../pipeline/input/listener-source.js';
import type { RunOptions } from '../../pipeline/options.js';
import { run } from '../../pipeline/run.js';
import { readFilter, type FilterOptions } from '../../script/filter/index.js';
import { planOf } from '../plan.js';
import { readChoice } from '../route/script-choice.js';

export interface HepListenOptions extends RunOptions {
  /** hep_udp:host:port and so on. */
  listeners: readonly string[];
  listening: ListenerSettings;
  /** Selects messages. */
  select: FilterOptions;
  /** Packets without this key are refused; '' accepts all. */
  authKey: string;
  /** Store what a sender repeats, too. */
  acceptRepeats: boolean;
}

export async function hepListen(options: HepListenOptions, env: Environment): Promise<number> {
  const { listeners, listening, authKey } = options;
  const script = await readChoice(options.route, env);
  const source = new ListenerSource(listeners, listening, env);
  const repeats = options.acceptRepeats ? null : new RepeatWindow();
  const plan = planOf(options, { env, script, filter: readFilter(options.select, env), live: true, authKey, repeats });
  return run({ ...plan, source, repeats }, env);
}
