/**
 * The one road from a source to the outputs: opens them, delivers, watches, stops and closes in order, prints the summary
 * and knows the exit code. Every command that moves messages is one call of it, `serve` included.
 */
import { EXIT_INTERRUPTED, EXIT_UNREACHABLE, Ledger, type Environment, type Log, type SipFields } from '../base/index.js';
import type { HepDecoderOptions } from '../hep/index.js';
import { exitCodeOf } from './exit-code.js';
import type { Handler } from './handler.js';
import { Intake } from './intake.js';
import type { MessageFilter } from './message-filter.js';
import { LossMonitor, lossesOf } from './loss-monitor.js';
import { Deadline } from './deadline.js';
import type { OutputSpec } from './output/output.js';
import { Outputs } from './output/outputs.js';
import { startProgress } from './progress.js';
import { onSignals } from './signals.js';
import type { RunSource } from './source.js';
import { writeSummary, type SummaryForm } from './summary.js';

/** Stopped while outputs were opened: what came meanwhile is taken in for so long. */
const CATCH_UP_MS = 200;

export interface RunPlan {
  source: RunSource;
  /** Called when the source is open, before anything else is (where rights are dropped). */
  onOpen?(): void;
  /** `onClosed` is to be called when whoever reads an output went away. */
  outputs(context: { ledger: Ledger; onClosed: (name: string) => void; fileNames: () => readonly string[] }): readonly OutputSpec[];
  handler(running: Running): Handler;
  /** Packets may wait undecoded in a spool: nothing but the default is done with them. */
  undecoded: boolean;
  /** Leaves messages out before the handler sees them. */
  filter?: MessageFilter | null;
  hep?: Omit<HepDecoderOptions, 'addressTexts'>;
  onSip?(sip: SipFields): void;
  /** Called when everything is open, before the first message; what it throws ends the run. */
  onReady?(running: Running): Promise<void>;
  /** Called when the source has ended, before the outputs are closed. */
  onStopping?(): Promise<void>;
  /** Stop after this many delivered messages; 0 is unlimited. */
  count: number;
  /** Live sources stop after this many seconds; 0 is unlimited. */
  durationSeconds: number;
  /** Once it is to stop, outputs have so long. */
  drainSeconds: number;
  /** How to lose nothing where the outputs are behind, '' where nothing helps. */
  advice: string;
  quiet: boolean;
  /** What was wrong with inputs is logged where no summary shows it. */
  logsProblems?: boolean;
  summary: SummaryForm;
  /** Every output gets every message. */
  uniform: boolean;
}

/** A run while it runs. */
const NO_FILES: readonly string[] = [];

export interface Running {
  readonly ledger: Ledger;
  readonly outputs: Outputs;
  readonly intake: Intake;
  readonly deadline: Deadline;
  /** Ends it in order. */
  stop(): void;
  printSummary(): Promise<void>;
}

export async function run(plan: RunPlan, env: Environment): Promise<number> {
  const { source } = plan;
  const ledger = new Ledger();
  const began = env.clock.monotonic();
  const outputs = new Outputs(ledger, env.log, plan.undecoded && plan.count === 0);
  const deadline = new Deadline(plan.drainSeconds, env.clock);
  let interrupted = false;
  let reachedEnd = false;
  let isOpen = false;
  let giveUp: () => void = () => {};
  const givenUp = new Promise<false>((resolve) => (giveUp = () => resolve(false)));
  const stop = () => {
    // What is waiting at its own end already is no longer stopped.
    if (!source.isLive && source.endsBySignal !== true && !reachedEnd) interrupted = true;
    deadline.start();
    if (isOpen) endEarly();
    // What comes by itself came meanwhile, and is delivered if the outputs can be opened in time.
    else if (interrupted) giveUp();
    else void deadline.passed.then(giveUp);
  };
  const endEarly = () => inBackground(source.stop(), 'stopping', env.log);
  const intake = new Intake({
    ledger,
    outputs,
    log: env.log,
    hep: plan.hep ?? {},
    count: plan.count,
    onCount: endEarly,
    filter: plan.filter,
    onSip: plan.onSip?.bind(plan),
  });
  const printSummary = async () => {
    await source.updateLosses(ledger);
    ledger.undecoded = outputs.undecodedPackets;
    const seconds = (env.clock.monotonic() - began) / 1000;
    writeSummary(
      {
        ledger,
        sinks: outputs.counts(),
        inputs: source.inputs(),
        inputKind: source.kind,
        unit: source.unit,
        seconds,
        uniform: plan.uniform,
        statistics: intake.statistics(),
      },
      plan.summary,
      env.stderr,
    );
  };
  const ending = async () => {
    if (plan.logsProblems === true && (plan.quiet || plan.summary === 'none')) logProblems(source, env.log);
    if (!plan.quiet) await printSummary();
  };
  const running: Running = { ledger, outputs, intake, deadline, stop, printSummary };

  const release = onSignals({ stop, report: () => inBackground(printSummary(), 'summary', env.log) }, env.clock);
  const stoppedEarly = async () => {
    await Promise.race([source.stop(), deadline.passed]);
    await outputs.close(deadline);
    release();
    env.log.error('stopped before everything was open');
    await ending();
    return interrupted ? EXIT_INTERRUPTED : EXIT_UNREACHABLE;
  };
  const openingSource = source.open();
  try {
    if ((await Promise.race([openingSource, givenUp])) === false) {
      openingSource.catch(() => {});
      return await stoppedEarly();
    }
  } catch (error) {
    release();
    throw error;
  }
  try {
    plan.onOpen?.();
    const specs = plan.outputs({
      ledger,
      onClosed: (name) => outputs.only(name) && endEarly(),
      fileNames: () => source.fileNames?.() ?? NO_FILES,
    });
    const opening = outputs.apply(specs, deadline).then(() => true);
    isOpen = await Promise.race([opening, givenUp]);
    if (isOpen) intake.use(plan.handler(running));
    // What is opened after all ends with the process.
    else opening.catch(() => {});
  } catch (error) {
    deadline.start();
    await source.stop();
    await outputs.close(deadline);
    release();
    throw error;
  }
  if (!isOpen) return stoppedEarly();
  const monitor = new LossMonitor(() => source.updateLosses(ledger).then(() => lossesOf(outputs, ledger)), plan.advice, env.clock, env.log);
  const isShown = !plan.quiet && env.colour && source.progress !== undefined;
  const progress = await startProgress(env.clock, isShown, () => ({ ...source.progress!(), messages: ledger.found }));
  const timer = plan.durationSeconds > 0 ? setTimeout(endEarly, plan.durationSeconds * 1000).unref() : undefined;
  let failure: unknown = null;
  try {
    await plan.onReady?.(running);
    const reading = source.read(intake);
    if (deadline.started) setTimeout(endEarly, CATCH_UP_MS);
    await reading;
  } catch (error) {
    failure = error;
  }
  reachedEnd = true;
  clearTimeout(timer);
  await source.stop();
  await source.updateLosses(ledger);
  // A reload that goes on delivers what it held back.
  await plan.onStopping?.();
  intake.finish();
  if (source.isLive || failure !== null) deadline.start();
  await outputs.close(deadline);
  monitor.stop();
  progress.stop();
  await source.commit(failure === null && outputs.isSafe);
  release();
  if (failure !== null) throw failure;
  await ending();
  return exitCodeOf({ source, outputs, ledger, interrupted });
}

/** Errors are reported where nobody wants a summary, too. */
function logProblems(source: RunSource, log: Log): void {
  for (const { name, problem } of source.inputs()) if (problem !== '') log.error(`${name}: ${problem}`);
}

/** Work that nobody waits for: what goes wrong with it is logged, and ends nothing. */
function inBackground(work: Promise<void>, what: string, log: Log): void {
  work.catch((error: unknown) => log.error(`internal error, ${what}: ${(error as Error).stack ?? String(error)}`));
}
