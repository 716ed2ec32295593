/** A partial answer says so in its JSON too: the last line names the shards that did not answer. */
import { safeJson, type Environment } from '../../base/index.js';

export async function writeMissingShards(missing: readonly string[], format: string, env: Environment): Promise<void> {
  if (missing.length === 0 || format !== 'json') return;
  await new Promise<void>((done) => env.stdout.write(`${safeJson({ missing_shards: missing })}\n`, () => done()));
}
