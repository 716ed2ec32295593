/** The runs of call commands: one source, one handler, rows on standard output. */
import { EXIT_DONE, EXIT_NOTHING_FOUND, type Environment } from '../../base/index.js';
import { RepeatWindow } from '../../hep/index.js';
import { run, type RunPlan } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import type { SummaryForm } from '../../pipeline/summary.js';
import { CallHandler, type MessageTaker } from './call-handler.js';
import { RowSink, type RowProducer } from './row-sink.js';

/** Only data that standard output has not accepted yet is pending. */
const DRAIN_SECONDS = 10;

export interface CallRunOptions {
  /** HEP packets without this key are refused; '' accepts all. */
  authKey: string;
  quiet: boolean;
  summary: SummaryForm;
}

export interface CallRun {
  source: RunSource;
  options: CallRunOptions;
  /** Live sources stop after this many seconds; 0 is no limit. */
  durationSeconds: number;
  /** Quality reports within PUBLISH have rows of their own there. */
  fromDatabase: boolean;
  /** Creates the receiver of messages; rows go to the sink. `stop` ends the run. Not called if the run is stopped before. */
  taker(rows: RowSink, stop: () => void): MessageTaker & RowProducer;
}

/** By what a `CallIndex` runs its timers: live, by the arrival of messages. */
export function arrivals(isLive: boolean, { clock }: Environment): (() => number) | undefined {
  return isLive ? () => clock.now() : undefined;
}

/** What all of these runs have in common. */
export function lookPlan(source: RunSource, { authKey, quiet, summary }: CallRunOptions, durationSeconds: number) {
  return {
    source,
    undecoded: false,
    hep: authKey === '' ? {} : { authKey: Buffer.from(authKey) },
    repeats: source.kind === 'listeners' ? new RepeatWindow() : null,
    count: 0,
    durationSeconds,
    drainSeconds: DRAIN_SECONDS,
    advice: () => '',
    quiet: quiet || summary === 'none',
    summary,
    uniform: false,
  } satisfies Partial<RunPlan>;
}

export async function runCalls({ source, options, durationSeconds, fromDatabase, taker }: CallRun, env: Environment): Promise<number> {
  let end: () => void = () => {};
  let messages!: MessageTaker & RowProducer;
  const open = async (onClosed: () => void) => {
    const rows = new RowSink(env.stdout, onClosed);
    messages = taker(rows, () => end());
    rows.producer = messages;
    return { sink: rows };
  };
  return run(
    {
      ...lookPlan(source, options, durationSeconds),
      logsProblems: true,
      outputs: ({ onClosed }) => [{ key: 'rows', name: 'rows', role: 'script', holds: [], open: () => open(() => onClosed('rows')) }],
      handler: ({ intake, stop }) => {
        end = stop;
        return new CallHandler(intake.preparer, messages, fromDatabase);
      },
    },
    env,
  );
}

/** "Nothing found" matters only if nothing else went wrong. */
export function exitCode(code: number, found: number): number {
  return code === EXIT_DONE && found === 0 ? EXIT_NOTHING_FOUND : code;
}
