/** `--explain`: how a database is searched for the calls that are wanted. */
import { EXIT_DONE, EXIT_UNREACHABLE, UsageError, type Environment } from '../../base/index.js';
import { explainedQueries } from '../source-choice.js';
import type { WantedCalls, WantedCallsOptions } from './wanted-calls.js';

export async function explainCalls({ source, table }: WantedCallsOptions, wanted: WantedCalls, env: Environment): Promise<number> {
  if (source.db === '') throw new UsageError('--explain needs a database: specify --db URL');
  const { lines, missing } = await explainedQueries(source.db, table, wanted.needs, env);
  if (wanted.test !== null) lines.push('in each call: final status, state, flags and durations');
  for (const line of lines) env.stdout.write(`${line}\n`);
  return missing.length > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}
