/** The outputs that settings name. */
import { hepEndpointText, type Environment, type Ledger } from '../base/index.js';
import type { Settings } from '../config/index.js';
import type { RepeatWindow } from '../hep/index.js';
import type { HepTargetOptions } from '../pipeline/output/hep-output.js';
import { leftSpecs, leftSpools } from '../pipeline/output/left-spools.js';
import { namedLog } from '../pipeline/output/named-log.js';
import { databaseSpec, targetSpecs } from '../pipeline/output/output-specs.js';
import type { OutputSpec } from '../pipeline/output/output.js';

const NO_ROTATION = { maxBytes: 0, everySeconds: 0, keep: 0, compress: false };

/** One of how many processes that do the same. */
export interface NodePlace {
  index: number;
  count: number;
}

export const ALONE: NodePlace = { index: 0, count: 1 };

export function nodeSpecs(
  settings: Settings,
  env: Environment,
  ledger: Ledger,
  repeats: RepeatWindow | null,
  place: NodePlace = ALONE,
): OutputSpec[] {
  const { databases, relay, authKey } = settings;
  const left = place.index === 0 ? leftSpools(relay.spool, place.count) : [];
  const stores = databases.flatMap((own, at) => {
    const [name, spoolName] = at === 0 ? ['database', 'database'] : [`database ${at + 1}`, `database-${at + 1}`];
    const named = databases.length === 1 ? env : { ...env, log: namedLog(env.log, name) };
    const make = (hep: HepTargetOptions) => {
      const sinks = { ...own, hep, write: undefined, rotation: NO_ROTATION, format: undefined };
      return [databaseSpec(name, { sinks, env: named, live: true, ledger, authKey, spoolName, repeats, processes: place.count })];
    };
    const hep = { ...relay, targets: [] };
    return [...make(hep), ...leftSpecs(left, hep, make)];
  });
  const targets = targetGroups(settings).flatMap((options) => [
    ...targetSpecs(options, env),
    ...leftSpecs(left, options, (own) => targetSpecs(own, env)),
  ]);
  return [...stores, ...targets];
}

/** Targets of one version share a relay under failover and balance; each has its own otherwise. */
function targetGroups({ targets, relay }: Settings): HepTargetOptions[] {
  const options = (group: typeof targets): HepTargetOptions => ({
    ...relay,
    targets: group.map(({ endpoint }) => hepEndpointText(endpoint)),
    encoder: { ...relay.encoder, version: group[0].version },
  });
  if (targets.length === 0) return [];
  return relay.policy === 'all' ? targets.map((target) => options([target])) : [options(targets)];
}
