/** The run of a command that looks at calls: one source, one handler, rows on standard output. */
import { EXIT_DONE, EXIT_NOTHING_FOUND, type Environment } from '../../base/index.js';
import type { SummaryForm } from '../../pipeline/summary.js';
import { run } from '../../pipeline/run.js';
import { DRAIN_SECONDS } from '../plan.js';
import { CallHandler, type MessageTaker } from './call-handler.js';
import type { RowProducer, RowSink } from './row-sink.js';
import { RowSink as Rows } from './row-sink.js';
import type { CallSource } from './source.js';

export interface CallRunOptions {
  durationSeconds: number;
  authKey: string;
  quiet: boolean;
  summary: SummaryForm;
}

export interface CallRun {
  source: CallSource;
  options: CallRunOptions;
  /** Makes what takes the messages; rows go to the sink. */
  taker(rows: RowSink): MessageTaker & RowProducer;
}

export async function runCalls({ source, options, taker }: CallRun, env: Environment): Promise<number> {
  let rows: RowSink | null = null;
  let messages: (MessageTaker & RowProducer) | null = null;
  const { authKey } = options;
  return run(
    {
      source: source.source,
      outputs: ({ onClosed }) => [
        {
          key: 'rows',
          name: 'rows',
          role: 'script',
          holds: [],
          open: async () => {
            rows = new Rows(env.stdout, () => onClosed('rows'));
            messages = taker(rows);
            rows.producer = messages;
            return { sink: rows };
          },
        },
      ],
      handler: ({ intake }) => new CallHandler(intake.preparer, messages!),
      undecoded: false,
      hep: authKey === '' ? {} : { authKey: Buffer.from(authKey) },
      count: 0,
      durationSeconds: options.durationSeconds,
      drainSeconds: DRAIN_SECONDS,
      advice: '',
      quiet: options.quiet,
      summary: options.summary,
      uniform: false,
    },
    env,
  );
}

/** Nothing found matters only where nothing else went wrong. */
export function exitCode(code: number, found: number): number {
  return code === EXIT_DONE && found === 0 ? EXIT_NOTHING_FOUND : code;
}
