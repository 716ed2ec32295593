/**
 * The one path from a source to the outputs: opens them, delivers, monitors, stops and closes in order, prints the summary
 * and determines the exit code. Every command that moves messages is one call of it, including `serve`.
 */
import { EXIT_INTERRUPTED, EXIT_UNREACHABLE, Ledger, after, type Environment, type Log, type SipFields } from '../base/index.js';
import type { HepDecoderOptions, RepeatWindow } from '../hep/index.js';
import { exitCodeOf } from './exit-code.js';
import type { Handler } from './handler.js';
import { InputMonitor } from './input-monitor.js';
import { Intake } from './intake.js';
import type { MessageFilter } from './message-filter.js';
import { LossMonitor, lossesOf } from './loss-monitor.js';
import { Deadline } from './deadline.js';
import type { OutputSpec } from './output/output.js';
import { Outputs } from './output/outputs.js';
import { startProgress } from './progress.js';
import { Repeats } from './repeats.js';
import { onSignals } from './signals.js';
import type { RunSource } from './source.js';
import { writeSummary, type SummaryForm } from './summary.js';

/** Stopped while outputs were being opened: what arrived meanwhile is accepted for this long. */
const CATCH_UP_MS = 200;

export interface RunPlan {
  source: RunSource;
  /** Called when the source is open, before anything else is (where privileges are dropped). */
  onOpen?(): void;
  /** `onClosed` is to be called when the reader of an output has gone away. */
  outputs(context: { ledger: Ledger; onClosed: (name: string) => void; fileNames: () => readonly string[] }): readonly OutputSpec[];
  handler(running: Running): Handler;
  /** Packets may wait undecoded in a spool: nothing but the default is done with them. */
  undecoded: boolean;
  /** Filters messages before the handler sees them. */
  filter?: MessageFilter | null;
  hep?: Omit<HepDecoderOptions, 'addressTexts'>;
  /** What was received by identity: repeats are dropped; null or absent: they are taken. */
  repeats?: RepeatWindow | null;
  onSip?(sip: SipFields): void;
  /** Called when everything is open, before the first message; what it throws ends the run. */
  onReady?(running: Running): Promise<void>;
  /** Called when the source has ended, before the outputs are closed. */
  onStopping?(): Promise<void>;
  /** Stop after this many delivered messages; 0 is unlimited. */
  count: number;
  /** Live sources stop after this many seconds; 0 is unlimited. */
  durationSeconds: number;
  /** Warn of a live input that receives nothing for this many seconds; 0 or absent: never. */
  silentAfterSeconds?: number;
  /** Time that outputs have to finish once it is stopping. */
  drainSeconds: number;
  /** How to avoid losses when the outputs are behind, '' if nothing helps; evaluated for each warning. */
  advice(): string;
  quiet: boolean;
  /** Errors of inputs are logged if no summary shows them. */
  logsProblems?: boolean;
  summary: SummaryForm;
  /** Every output gets every message. */
  uniform: boolean;
}

const NO_FILES: readonly string[] = [];

/** A run while it runs. */
export interface Running {
  readonly ledger: Ledger;
  readonly outputs: Outputs;
  readonly intake: Intake;
  readonly deadline: Deadline;
  readonly inputs: InputMonitor;
  /** Ends it cleanly; may be passed on as a function. */
  readonly stop: () => void;
  printSummary(): Promise<void>;
}

export async function run(plan: RunPlan, env: Environment): Promise<number> {
  return new Run(plan, env).run();
}

/** Why there is nothing to read: the source or the outputs were not open when the run was stopped. */
const STOPPED = Symbol('stopped before everything was open');

class Run implements Running {
  readonly ledger = new Ledger();
  readonly outputs: Outputs;
  readonly intake: Intake;
  readonly deadline: Deadline;
  readonly inputs: InputMonitor;
  private readonly began: number;
  private interrupted = false;
  private reachedEnd = false;
  private isOpen = false;
  private isReading = false;
  private giveUp!: () => void;
  private readonly givenUp = new Promise<typeof STOPPED>((resolve) => (this.giveUp = () => resolve(STOPPED)));

  constructor(
    private readonly plan: RunPlan,
    private readonly env: Environment,
  ) {
    this.began = env.clock.monotonic();
    this.outputs = new Outputs(this.ledger, env.log, plan.undecoded && plan.count === 0);
    this.deadline = new Deadline(plan.drainSeconds, env.clock);
    this.intake = new Intake({
      ledger: this.ledger,
      outputs: this.outputs,
      log: env.log,
      hep: plan.hep ?? {},
      count: plan.count,
      onCount: () => this.endSource(),
      filter: plan.filter,
      repeats: plan.repeats ? (this.outputs.repeats = new Repeats(plan.repeats, this.ledger, env.log)) : null,
      onSip: plan.onSip?.bind(plan),
    });
    const { source } = plan;
    const open = () => (this.isReading && source.isLive ? (source.openInputs?.() ?? source.inputs()) : []);
    this.inputs = new InputMonitor(open, plan, env.clock, env.log);
  }

  async run(): Promise<number> {
    const { plan, env } = this;
    const release = onSignals({ stop: this.stop, report: () => inBackground(this.printSummary(), 'summary', env.log) }, env.clock);
    try {
      if (!(await this.openSource()) || !(await this.openOutputs())) return await this.stoppedEarly();
      const failure = await this.deliver();
      if (failure !== null) throw failure;
    } finally {
      release();
    }
    await this.sumUp();
    const { source } = plan;
    return exitCodeOf({ source, outputs: this.outputs, ledger: this.ledger, interrupted: this.interrupted });
  }

  readonly stop = (): void => {
    const { source } = this.plan;
    // A source that has already reached its end is not interrupted.
    if (!source.isLive && source.endsBySignal !== true && !this.reachedEnd) this.interrupted = true;
    this.deadline.start();
    if (this.isOpen) this.endSource();
    // Live input arrived meanwhile, and is delivered if the outputs can be opened in time.
    else if (this.interrupted) this.giveUp();
    else void this.deadline.passed.then(this.giveUp);
  };

  async printSummary(): Promise<void> {
    const { plan, ledger, outputs } = this;
    const { source } = plan;
    await source.updateLosses(ledger);
    ledger.undecoded = outputs.undecodedPackets;
    writeSummary(
      {
        ledger,
        sinks: outputs.counts(),
        inputs: source.inputs(),
        inputKind: source.kind,
        unit: source.unit,
        seconds: (this.env.clock.monotonic() - this.began) / 1000,
        uniform: plan.uniform,
        statistics: this.intake.statistics(),
      },
      plan.summary,
      this.env.stderr,
    );
  }

  private async sumUp(): Promise<void> {
    const { source, logsProblems, quiet, summary } = this.plan;
    const isText = !quiet && summary !== 'none' && summary !== 'json';
    // Where nothing could be read, a summary would consist of zeros.
    const isError = isText && logsProblems === true && readsNothing(source);
    if (logsProblems === true && (isError || quiet || summary === 'none')) logProblems(source, this.env.log);
    if (!quiet && !isError) await this.printSummary();
  }

  private endSource(): void {
    inBackground(this.plan.source.stop(), 'stopping', this.env.log);
  }

  /** False if the run was stopped meanwhile. */
  private async openSource(): Promise<boolean> {
    const opening = this.plan.source.open();
    if ((await Promise.race([opening, this.givenUp])) !== STOPPED) return true;
    opening.catch(() => {});
    return false;
  }

  /** False if the run was stopped meanwhile. */
  private async openOutputs(): Promise<boolean> {
    const { plan, outputs, ledger, deadline } = this;
    try {
      plan.onOpen?.();
      const specs = plan.outputs({
        ledger,
        onClosed: (name) => outputs.only(name) && this.endSource(),
        fileNames: () => plan.source.fileNames?.() ?? NO_FILES,
      });
      const opening = outputs.apply(specs, deadline);
      this.isOpen = (await Promise.race([opening, this.givenUp])) !== STOPPED;
      if (this.isOpen) this.intake.use(plan.handler(this));
      // Anything opened after that ends with the process.
      else opening.catch(() => {});
      return this.isOpen;
    } catch (error) {
      deadline.start();
      await plan.source.stop();
      await outputs.close(deadline);
      throw error;
    }
  }

  private async stoppedEarly(): Promise<number> {
    const { plan, env } = this;
    await Promise.race([plan.source.stop(), this.deadline.passed]);
    await this.outputs.close(this.deadline);
    env.log.error('stopped before everything was open');
    await this.sumUp();
    return this.interrupted ? EXIT_INTERRUPTED : EXIT_UNREACHABLE;
  }

  /** From the first message until all outputs are closed; the error that ended reading early, else null. */
  private async deliver(): Promise<unknown> {
    const { plan, env, ledger, outputs, deadline, intake } = this;
    const { source } = plan;
    const losses = () => source.updateLosses(ledger).then(() => lossesOf(outputs, ledger));
    const monitor = new LossMonitor(losses, () => plan.advice(), env.clock, env.log);
    const isShown = !plan.quiet && env.colour && source.progress !== undefined;
    const progress = await startProgress(env.clock, isShown, () => ({ ...source.progress!(), messages: ledger.found }));
    const failure = await this.read();
    await source.stop();
    await source.updateLosses(ledger);
    // A reload in progress delivers what it held back.
    await plan.onStopping?.();
    intake.finish();
    if (source.isLive || failure !== null) deadline.start();
    await outputs.close(deadline);
    monitor.stop();
    progress.stop();
    await source.commit(failure === null && outputs.isSafe);
    return failure;
  }

  /** Reads to the end of the source; returns the error, else null. */
  private async read(): Promise<unknown> {
    const { plan } = this;
    const cancelEnd = plan.durationSeconds > 0 ? after(plan.durationSeconds * 1000, () => this.endSource()) : () => {};
    try {
      await plan.onReady?.(this);
      const reading = plan.source.read(this.intake);
      this.isReading = true;
      if (this.deadline.started) setTimeout(() => this.endSource(), CATCH_UP_MS);
      await reading;
      return null;
    } catch (error) {
      return error;
    } finally {
      this.reachedEnd = true;
      this.isReading = false;
      this.inputs.stop();
      cancelEnd();
    }
  }
}

/** None of the files could be read. */
function readsNothing(source: RunSource): boolean {
  const inputs = source.inputs();
  return source.kind === 'files' && inputs.length > 0 && inputs.every(({ problem, packets }) => problem !== '' && packets === 0);
}

/** Errors are also reported without a summary. */
function logProblems(source: RunSource, log: Log): void {
  for (const { name, problem } of source.inputs()) if (problem !== '') log.error(`${name}: ${problem}`);
}

/** Background work: errors are logged, and do not end the run. */
function inBackground(work: Promise<void>, what: string, log: Log): void {
  work.catch((error: unknown) => log.error(`internal error, ${what}: ${(error as Error).stack ?? String(error)}`));
}
