/** A partial answer says so in its JSON lines too: the last one names the shards that did not answer. */
import { appendFile } from 'node:fs/promises';
import { safeJson, type Environment } from '../../base/index.js';

export async function writeMissingShards(missing: readonly string[], format: string, env: Environment): Promise<void> {
  if (missing.length === 0 || format !== 'json') return;
  await new Promise<void>((done) => env.stdout.write(lineOf(missing), () => done()));
}

/** The same at the end of a file that was written; `-` is standard output. */
export async function appendMissingShards(path: string, missing: readonly string[], format: string, env: Environment): Promise<void> {
  if (path === '-') await writeMissingShards(missing, format, env);
  else if (missing.length > 0 && format === 'json') await appendFile(path, lineOf(missing));
}

function lineOf(missing: readonly string[]): string {
  return `${safeJson({ missing_shards: missing })}\n`;
}
