/**
 * The script of a run as its handler: which route runs for a message, and the outcome. A message is delivered if
 * anything was stored, reported or relayed, else filtered or rejected with a reason.
 */
import { UsageError, type Message } from '../base/index.js';
import { Diagnostics, compile, formatDiagnostics, type Ending, type Program, type Script } from '../route/index.js';
import { HEP_CHUNKS } from './route-chunks.js';
import { ScriptHost } from './script-host.js';
import { RouteOrder } from './route-order.js';
import { ScriptTargets } from './script-targets.js';
import { filtered, rejected, type Handler, type MessageOutputs, type Outcome } from '../pipeline/handler.js';
import type { PolicyFactory, ScriptContext, ScriptSettings } from './policy.js';

/** The program of a script; null if it has errors, which are then in `diagnostics`. */
export function routeProgram(
  script: Script,
  { hepRoute, scriptVersion, unknownFunctions, scriptLimits }: Omit<ScriptSettings, 'script'>,
  diagnostics: Diagnostics,
): Program | null {
  return compile(script, {
    vocabulary: HEP_CHUNKS,
    diagnostics,
    scriptVersion: scriptVersion === '' ? null : scriptVersion === '2' ? 2 : 3,
    hepRoute,
    unknownFunctions,
    ...scriptLimits,
  });
}

export const createScriptPolicy: PolicyFactory = (settings, context) => {
  const { script } = settings;
  if (script === null) return null;
  const diagnostics = new Diagnostics();
  const program = routeProgram(script, settings, diagnostics);
  if (program === null) throw new UsageError(`the script has errors\n${formatDiagnostics(script.source, diagnostics.list())}`);
  return new ScriptPolicy(program, settings.hepRoute, context);
};

export class ScriptPolicy implements Handler {
  private readonly host: ScriptHost;
  private readonly targets: ScriptTargets;
  private readonly order: RouteOrder;
  /** Positions whose failure was logged. */
  private readonly reported = new Set<string>();
  private outputs!: MessageOutputs;

  constructor(
    program: Program,
    hepRoute: string,
    private readonly context: ScriptContext,
  ) {
    const { ledger, log, clock, preparer, switches, openTarget, memory } = context;
    this.order = new RouteOrder(program, hepRoute);
    this.targets = new ScriptTargets(openTarget, (count, reason) => {
      ledger.notes.add('relay_not_opened', count);
      log.error(`${count} messages of the script were not relayed: ${reason}`);
    });
    this.host = new ScriptHost({
      isCaptureOn: () => switches.captureOn,
      store: (message, override) => {
        if (!this.outputs.hasStores) return 'no database: set db_url';
        this.outputs.store(message, override);
        return null;
      },
      relay: (target, message) => {
        const refused = this.targets.relay(target, message);
        if (!this.targets.room) this.outputs.room = false;
        return refused;
      },
      parse: (message) => preparer.sip(message),
      failed: (place, reason) => this.failed(place, reason),
      skipped: (name) => this.skipped(name),
      environment: process.env,
      memory,
      clock,
      log,
    });
  }

  handle(message: Message, outputs: MessageOutputs): Outcome {
    this.outputs = outputs;
    const ending = this.order.run(message, this.host);
    if (ending === 'default') return this.context.fallback.handle(message, outputs);
    // The targets of the configuration get everything, with the script's edits, except what it drops.
    if (ending !== 'drop' && outputs.hasTargets) {
      this.host.done++;
      outputs.relay(this.host.message);
    }
    return this.outcome(ending);
  }

  statistics(): readonly [string, number][] {
    return this.host.statistics.entries();
  }

  private outcome(ending: Ending): Outcome {
    const { host } = this;
    if (host.done > 0) {
      if (host.metSwitch) this.context.ledger.notes.add('capture_off');
      return null;
    }
    if (ending === 'drop') return filtered('script_drop');
    if (host.notSip !== '' && host.stage === 'sip') return rejected(host.notSip);
    if (host.metSwitch) return filtered('capture_off');
    return host.hasFailed ? rejected('script_failed') : filtered('script');
  }

  private skipped(name: string): void {
    this.context.ledger.notes.add('script_functions_skipped');
    if (this.reported.has(`${name}()`)) return;
    this.reported.add(`${name}()`);
    this.context.log.warn(`${name}() skipped: not available here (reported once)`);
  }

  private failed(place: string, reason: string): void {
    this.context.ledger.notes.add('script_errors');
    if (this.reported.has(place)) return;
    this.reported.add(place);
    this.context.log.warn(`${place}: ${reason} (reported once)`);
  }
}
