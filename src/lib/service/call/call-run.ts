/** The run of a command that looks at calls: one source, one handler, rows on standard output. */
import { EXIT_DONE, EXIT_NOTHING_FOUND, type Environment } from '../../base/index.js';
import { run } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import type { SummaryForm } from '../../pipeline/summary.js';
import { DRAIN_SECONDS } from '../plan.js';
import { CallHandler, type MessageTaker } from './call-handler.js';
import { RowSink, type RowProducer } from './row-sink.js';

export interface CallRunOptions {
  /** Packets over HEP without this key are refused; '' takes everybody's. */
  authKey: string;
  quiet: boolean;
  summary: SummaryForm;
}

export interface CallRun {
  source: RunSource;
  options: CallRunOptions;
  /** Live sources stop after so many seconds; 0 is no limit. */
  durationSeconds: number;
  /** Makes what takes the messages; rows go to the sink. `stop` ends the run. */
  taker(rows: RowSink, stop: () => void): MessageTaker & RowProducer;
}

export async function runCalls({ source, options, durationSeconds, taker }: CallRun, env: Environment): Promise<number> {
  const { authKey, quiet, summary } = options;
  let end: () => void = () => {};
  let messages!: MessageTaker & RowProducer;
  const open = async (onClosed: () => void) => {
    const rows = new RowSink(env.stdout, onClosed);
    messages = taker(rows, () => end());
    rows.producer = messages;
    return { sink: rows };
  };
  const code = await run(
    {
      source,
      outputs: ({ onClosed }) => [{ key: 'rows', name: 'rows', role: 'script', holds: [], open: () => open(() => onClosed('rows')) }],
      handler: ({ intake, stop }) => {
        end = stop;
        return new CallHandler(intake.preparer, messages);
      },
      undecoded: false,
      hep: authKey === '' ? {} : { authKey: Buffer.from(authKey) },
      count: 0,
      durationSeconds,
      drainSeconds: DRAIN_SECONDS,
      advice: '',
      quiet: quiet || summary === 'none',
      summary,
      uniform: false,
    },
    env,
  );
  if (quiet || summary === 'none') logProblems(source, env);
  return code;
}

/** Without a summary what was wrong with the input would go unseen. */
export function logProblems(source: RunSource, env: Environment): void {
  for (const { name, problem } of source.inputs()) if (problem !== '') env.log.error(`${name}: ${problem}`);
}

/** Nothing found matters only where nothing else went wrong. */
export function exitCode(code: number, found: number): number {
  return code === EXIT_DONE && found === 0 ? EXIT_NOTHING_FOUND : code;
}
