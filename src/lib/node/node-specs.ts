/** The outputs that settings name. */
import { hepEndpointText, type Environment, type Ledger } from '../base/index.js';
import type { Settings } from '../config/index.js';
import type { RepeatWindow } from '../hep/index.js';
import type { HepTargetOptions } from '../pipeline/output/hep-output.js';
import { databaseSpec, targetSpecs } from '../pipeline/output/output-specs.js';
import type { OutputSpec } from '../pipeline/output/output.js';

const NO_ROTATION = { maxBytes: 0, everySeconds: 0, keep: 0, compress: false };

export function nodeSpecs(settings: Settings, env: Environment, ledger: Ledger, repeats: RepeatWindow | null): OutputSpec[] {
  const { databases, relay, authKey } = settings;
  const stores = databases.map((own, at) => {
    const sinks = { ...own, hep: { ...relay, targets: [] }, write: undefined, rotation: NO_ROTATION, format: undefined };
    const [name, spoolName] = at === 0 ? ['database', 'database'] : [`database ${at + 1}`, `database-${at + 1}`];
    return databaseSpec(name, { sinks, env, live: true, ledger, authKey, spoolName, repeats });
  });
  return [...stores, ...targetGroups(settings).flatMap((options) => targetSpecs(options, env))];
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
