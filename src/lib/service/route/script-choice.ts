/** The script that `--route` names. */
import { UsageError, type Environment } from '../../base/index.js';
import type { RouteChoice } from '../../pipeline/options.js';
import type { Program } from '../../route/index.js';
import { readRouteFile } from '../../script/script-file.js';
import { readSettings } from './settings-reader.js';

/** The script of the file; its mistakes are said, all at once. */
export async function readChoice(
  { file, hepRoute, scriptVersion }: RouteChoice,
  env: Environment,
): Promise<{ program: Program; hepRoute: string; text: string }> {
  const found = await readRouteFile({ file, hepRoute, scriptVersion, environment: {} }, readSettings);
  env.stderr.write(found.report);
  if (found.program === null || found.script === null) throw new UsageError(`the script ${file} cannot be used`);
  return { program: found.program, hepRoute: found.hepRoute, text: found.script.source.text };
}
