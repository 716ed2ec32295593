/**
 * One capture node: a run whose inputs, outputs and handler can change under traffic, whose storing is switched on and
 * off, and which ends with everything delivered or accounted for.
 */
import { accountingErrors, failureText, type Environment, type HepEndpoint, type Ledger } from '../base/index.js';
import type { Settings } from '../config/index.js';
import { StoreAndRelay, type Handler } from '../pipeline/handler.js';
import type { InputStatus } from '../pipeline/input-monitor.js';
import type { Intake } from '../pipeline/intake.js';
import { openForScript } from '../pipeline/output/output-specs.js';
import type { Outputs } from '../pipeline/output/outputs.js';
import { Deadline } from '../pipeline/deadline.js';
import { run, type RunPlan, type Running } from '../pipeline/run.js';
import { ScriptMemory } from '../route/index.js';
import type { SummaryForm } from '../pipeline/summary.js';
import type { PolicyFactory } from '../script/policy.js';
import { SipTally } from '../script/sip-tally.js';
import { completeReload } from './complete-reload.js';
import { NodeInputs } from './inputs.js';
import { Maintenance } from './maintenance.js';
import { RepeatWindow } from '../hep/index.js';
import { nodeSpecs, type NodePlace } from './node-specs.js';

export interface NodeOptions {
  quiet: boolean;
  summary: SummaryForm;
  /** One of several processes. */
  place?: NodePlace;
  /** Called when everything is open, with the run where it is in this process; what it throws ends the run. */
  onReady?(running: Running | null): Promise<void>;
  onStopping?(): Promise<void>;
  /** Called once the inputs are open. */
  onOpen?(): void;
  /** Applies what a reload changes outside of the pipeline; returns what needs a restart. */
  onReload?(settings: Settings): Promise<string[]>;
}

export class CaptureNode {
  readonly tally = new SipTally();
  readonly scriptMemory: ScriptMemory;
  /** The switch: off stops the storing of SIP, nothing else. */
  captureOn: boolean;
  reloads = 0;
  private running!: Running;
  /** What was received by identity. */
  private readonly received = new RepeatWindow();
  private readonly inputs: NodeInputs;
  private readonly maintenance: Maintenance;
  private changing: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    private settings: Settings,
    readonly env: Environment,
    private readonly policyFactory: PolicyFactory,
    private readonly options: NodeOptions = { quiet: true, summary: 'full' },
  ) {
    this.captureOn = settings.captureOn;
    this.scriptMemory = new ScriptMemory(env.clock.now());
    this.maintenance = new Maintenance(env);
    this.inputs = new NodeInputs(settings, env, () => this.ledger.dropped.add('while_reloading'));
  }

  /** Runs it; resolves with the exit code when it has ended. */
  run(): Promise<number> {
    return run(this.plan(), this.env);
  }

  get ledger(): Ledger {
    return this.running.ledger;
  }

  get intake(): Intake {
    return this.running.intake;
  }

  get outputs(): Outputs {
    return this.running.outputs;
  }

  get current(): Settings {
    return this.settings;
  }

  /** Ends it cleanly. */
  stop(): void {
    this.running.stop();
  }

  /**
   * Switches to other settings without losing a packet; '' when they are active, else why the previous ones stay. `agreed`
   * is called when everything new is open: where it throws, nothing changes.
   */
  reload(settings: Settings, agreed?: () => Promise<void>): Promise<string> {
    const change = this.changing.then(() => (this.isStopping ? 'the node is stopping' : this.change(settings, agreed)));
    this.changing = change.then(() => {});
    return change;
  }

  summary() {
    this.ledger.undecoded = this.outputs.undecodedPackets;
    return { ledger: this.ledger, sinks: this.outputs.counts(), inputs: this.inputs.inputs() };
  }

  /** The totals of RTP (`live.rtp`). */
  media() {
    return this.inputs.media.counts();
  }

  /** Whether each open input is up, and when its last packet came. */
  inputStatus(): readonly InputStatus[] {
    return this.running.inputs.status();
  }

  noteDrops(): Promise<void> {
    return this.inputs.updateLosses(this.ledger);
  }

  accountingErrors(): string[] {
    return accountingErrors(this.ledger, this.outputs.counts(), false);
  }

  /** What is done with messages under those settings; throws a UsageError for a script with errors. */
  handlerOf(settings: Settings): Handler {
    const { running, env } = this;
    const { ledger, outputs, intake } = running;
    const fallback = new StoreAndRelay(intake.preparer, ledger, this);
    const openTarget = (endpoint: HepEndpoint) => openForScript(outputs, endpoint, { ...settings.relay, targets: [] }, env);
    const context = {
      ledger,
      log: env.log,
      clock: env.clock,
      preparer: intake.preparer,
      switches: this,
      fallback,
      openTarget,
      memory: this.scriptMemory,
    };
    return this.policyFactory(settings, context) ?? fallback;
  }

  private plan(): RunPlan {
    const { settings, env, options } = this;
    return {
      source: this.inputs,
      outputs: ({ ledger }) => nodeSpecs(settings, env, ledger, this.received, options.place),
      handler: (running) => {
        this.running = running;
        this.dropRepeats(settings);
        return this.handlerOf(settings);
      },
      undecoded: settings.script === null,
      hep: hepOptions(settings),
      repeats: this.received,
      onSip: (sip) => this.tally.add(sip),
      onOpen: () => options.onOpen?.(),
      onReady: async (running) => {
        // A script's first target must not wait for the relay to be loaded.
        if (settings.script !== null) await import('../pipeline/output/hep-output.js');
        this.maintain(settings);
        await options.onReady?.(running);
      },
      onStopping: async () => {
        this.isStopping = true;
        await this.changing;
        this.maintenance.stop();
        await options.onStopping?.();
        await this.maintenance.settled();
      },
      count: 0,
      durationSeconds: 0,
      silentAfterSeconds: settings.silentAfterSeconds,
      drainSeconds: settings.drainSeconds,
      advice: () => (this.settings.relay.spool === '' ? 'set spool.directory to keep them' : ''),
      quiet: options.quiet,
      summary: options.summary,
      uniform: false,
    };
  }

  /** Once for all processes. */
  private maintain(settings: Settings): void {
    if ((this.options.place?.index ?? 0) === 0) this.maintenance.start(settings);
  }

  private dropRepeats({ acceptRepeats }: Settings): void {
    const { repeats } = this.running.outputs;
    if (repeats !== null) repeats.isOn = !acceptRepeats;
  }

  /** Everything new is opened before anything old is closed; where a part fails, nothing has changed. */
  private async change(settings: Settings, agreed?: () => Promise<void>): Promise<string> {
    const { env, inputs, running } = this;
    const before = this.settings;
    try {
      const handler = this.handlerOf(settings);
      const prepared = await inputs.prepare(settings);
      const deadline = new Deadline(settings.drainSeconds, env.clock);
      deadline.start();
      try {
        const specs = nodeSpecs(settings, env, running.ledger, this.received, this.options.place);
        const hold = () => inputs.queue.hold();
        const { closed } = await running.outputs.apply(specs, deadline, hold, sameTargets(before, settings), agreed);
        running.intake.use(handler);
        running.intake.useHep(hepOptions(settings));
        this.dropRepeats(settings);
        running.outputs.undecoded = settings.script === null;
        closed.catch((error: Error) => env.log.error(`closing outputs: ${error.message}`));
      } catch (error) {
        await prepared.discard();
        throw error;
      }
      await prepared.commit();
      this.settings = settings;
      running.deadline.seconds = settings.drainSeconds;
      running.inputs.silentAfterSeconds = settings.silentAfterSeconds;
      if (settings.captureOn !== before.captureOn) this.captureOn = settings.captureOn;
      this.maintain(settings);
      this.reloads++;
      await completeReload(settings, this.options, env.log);
      return '';
    } catch (error) {
      const why = failureText(error as Error);
      env.log.error(`cannot apply configuration: ${why}; keeping the previous one`);
      return why;
    } finally {
      inputs.queue.release();
    }
  }
}

/** Whether the script names the same targets as before, and they are opened alike. */
function sameTargets(before: Settings, after: Settings): boolean {
  return before.script?.source.text === after.script?.source.text && relayKey(before) === relayKey(after);
}

function relayKey({ relay }: Settings): string {
  return JSON.stringify(relay);
}

function hepOptions({ correlationChunk, authKey }: Settings) {
  return { prefersCorrelationMap: correlationChunk === 101, ...(authKey === '' ? {} : { authKey: Buffer.from(authKey) }) };
}
