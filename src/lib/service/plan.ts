/** What the shared flags decide about a run: outputs, handler, limits, summary. */
import type { Environment, HepEndpoint } from '../base/index.js';
import { StoreAndRelay } from '../pipeline/handler.js';
import { leftSpools } from '../pipeline/output/left-spools.js';
import type { RunOptions } from '../pipeline/options.js';
import { openForScript, outputSpecs, type SpecContext } from '../pipeline/output/output-specs.js';
import type { HepTargetOptions } from '../pipeline/output/hep-output.js';
import type { RunPlan, Running } from '../pipeline/run.js';
import { ScriptPolicy } from '../script/script-policy.js';
import type { ScriptChoice } from './route/script-choice.js';

/** Seconds that outputs have once a run is to stop. */
export const DRAIN_SECONDS = 10;

/** The process is one of so many; the first delivers the spools that are nobody's any more. */
export interface ProcessPlace {
  index: number;
  count: number;
}

type Shared = Omit<RunPlan, 'source' | 'onOpen'>;

export interface PlanContext extends Omit<SpecContext, 'ledger' | 'onClosed'> {
  script: ScriptChoice | null;
  place?: ProcessPlace;
}

export function planOf(options: RunOptions, context: PlanContext): Shared {
  const { db, hep, write, format } = options.sinks;
  const { env, script, live, authKey = '', filter = null, place = { index: 0, count: 1 } } = context;
  const left = live && place.index === 0 ? leftSpools(hep.spool, place.count) : [];
  const shared = { ...context, processes: place.count, leftSpools: left };
  return {
    outputs: (opening) => outputSpecs(options, { ...shared, ...opening, unscripted: script === null }),
    handler: (running) => handlerOf(running, script, { ...hep, waits: !live }, env),
    // The filter is not available when the spool is stored later.
    undecoded:
      live && script === null && filter === null && hep.targets.length === 0 && write === undefined && (format ?? 'none') === 'none',
    filter,
    hep: authKey === '' ? {} : { authKey: Buffer.from(authKey) },
    count: options.count,
    durationSeconds: options.durationSeconds,
    drainSeconds: options.drainSeconds,
    silentAfterSeconds: options.silentAfterSeconds,
    advice: () => (hep.spool === '' && (db !== undefined || hep.targets.length > 0) ? 'use --spool DIR to keep them' : ''),
    quiet: options.quiet,
    logsProblems: true,
    summary: options.summary,
    uniform: script === null && left.length === 0 && (db === undefined || hep.targets.length === 0),
  };
}

/** The script if there is one, else everything is stored and relayed. */
export function handlerOf({ ledger, intake, outputs }: Running, script: ScriptChoice | null, opening: HepTargetOptions, env: Environment) {
  const switches = { captureOn: true };
  const fallback = new StoreAndRelay(intake.preparer, ledger, switches);
  if (script === null) return fallback;
  const openTarget = (endpoint: HepEndpoint) => openForScript(outputs, endpoint, opening, env);
  return new ScriptPolicy(script.program, script.hepRoute, {
    ledger,
    log: env.log,
    clock: env.clock,
    preparer: intake.preparer,
    switches,
    fallback,
    openTarget,
  });
}
