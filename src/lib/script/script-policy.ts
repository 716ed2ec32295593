/**
 * The script of a capture node: which route runs for a message, and the books of what it did. Each message is delivered
 * once where anything was stored, reported or relayed, else filtered or rejected with a reason.
 */
import { UsageError, type Message } from '../base/index.js';
import { Diagnostics, compile, formatDiagnostics, type Ending, type Program, type Script } from '../route/index.js';
import { HEP_CHUNKS } from './route-chunks.js';
import { ScriptHost } from './script-host.js';
import { RouteOrder } from './route-order.js';
import { ScriptTargets, type OpenTarget } from './script-targets.js';
import type { Policy, PolicyFactory, PolicyNode, ScriptSettings } from './policy.js';

/** The program of a script; null where it has mistakes, which `diagnostics` then has. */
export function routeProgram(
  script: Script,
  { hepRoute, scriptVersion, unknownFunctions }: Omit<ScriptSettings, 'script'>,
  diagnostics: Diagnostics,
): Program | null {
  return compile(script, {
    vocabulary: HEP_CHUNKS,
    diagnostics,
    scriptVersion: scriptVersion === '' ? null : scriptVersion === '2' ? 2 : 3,
    hepRoute,
    unknownFunctions,
  });
}

/** Without a script every SIP message is stored. */
export const createScriptPolicy: PolicyFactory = (settings, node, openTarget) => {
  const { script } = settings;
  if (script === null) return null;
  const diagnostics = new Diagnostics();
  const program = routeProgram(script, settings, diagnostics);
  if (program === null) throw new UsageError(`the script has errors\n${formatDiagnostics(script.source, diagnostics.list())}`);
  return new ScriptPolicy(program, settings.hepRoute, node, openTarget);
};

export class ScriptPolicy implements Policy {
  private readonly host: ScriptHost;
  private readonly targets: ScriptTargets;
  private readonly order: RouteOrder;
  /** Places of which a mistake was told. */
  private readonly reported = new Set<string>();
  private room = true;

  constructor(
    program: Program,
    hepRoute: string,
    private readonly node: PolicyNode,
    openTarget: OpenTarget,
  ) {
    this.order = new RouteOrder(program, hepRoute);
    this.targets = new ScriptTargets(openTarget, (count, reason) => {
      node.ledger.notes.add('relay_not_opened', count);
      node.env.log.error(`${count} messages of the script were not relayed: ${reason}`);
    });
    this.host = new ScriptHost({
      isCaptureOn: () => node.captureOn,
      store: (message, override) => {
        if (node.outputs.databases.length === 0) return 'no database: set db_url';
        if (!node.outputs.store(message, override)) this.room = false;
        return null;
      },
      relay: (target, message) => {
        const refused = this.targets.relay(target, message);
        if (!this.targets.room) this.room = false;
        return refused;
      },
      parsed: (sip) => {
        node.tally.add(sip);
        for (const header of sip.broken) node.ledger.notes.add(`broken_${header}`);
      },
      failed: (place, reason) => this.failed(place, reason),
      skipped: (name) => this.skipped(name),
      environment: process.env,
      clock: node.env.clock,
      log: node.env.log,
    });
  }

  message(message: Message): boolean {
    this.room = true;
    const ending = this.order.run(message, this.host);
    if (ending === 'default') return this.node.storeByDefault(message);
    if (ending !== 'drop') this.relayToAll();
    this.enter(ending);
    return this.room;
  }

  /** The targets of the configuration get everything, with the script's edits, but what it drops. */
  private relayToAll(): void {
    const { outputs } = this.node;
    if (outputs.targets.length === 0) return;
    this.host.done++;
    if (!outputs.relay(this.host.message)) this.room = false;
  }

  private enter(ending: Ending): void {
    const {
      host,
      node: { ledger },
    } = this;
    if (host.done > 0) {
      ledger.delivered++;
      if (host.metSwitch) ledger.notes.add('capture_off');
    } else if (ending === 'drop') ledger.filtered.add('script_drop');
    else if (host.notSip !== '' && host.stage === 'sip') ledger.rejected.add(host.notSip);
    else if (host.metSwitch) ledger.filtered.add('capture_off');
    else if (host.hasFailed) ledger.rejected.add('script_failed');
    else ledger.filtered.add('script');
  }

  private skipped(name: string): void {
    this.node.ledger.notes.add('script_functions_skipped');
    if (this.reported.has(`${name}()`)) return;
    this.reported.add(`${name}()`);
    this.node.env.log.warn(`${name}() is skipped: no such function here (reported once)`);
  }

  private failed(place: string, reason: string): void {
    this.node.ledger.notes.add('script_errors');
    if (this.reported.has(place)) return;
    this.reported.add(place);
    this.node.env.log.warn(`${place}: ${reason} (reported once)`);
  }
}
