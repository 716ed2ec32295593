/** The script given by `--route`. */
import { UsageError, type Environment } from '../../base/index.js';
import type { RouteChoice } from '../../pipeline/options.js';
import type { Program } from '../../route/index.js';
import { readRouteFile } from '../../script/script-file.js';
import { readSettings } from './settings-reader.js';

export interface ScriptChoice {
  program: Program;
  hepRoute: string;
  text: string;
}

/** Null if no script is given; all errors of the script are printed at once. */
export async function readChoice(choice: RouteChoice | null, env: Environment): Promise<ScriptChoice | null> {
  if (choice === null) return null;
  const found = await readRouteFile({ ...choice, environment: {} }, readSettings);
  env.stderr.write(found.report);
  if (found.program === null || found.script === null) throw new UsageError(`the script ${choice.file} cannot be used`);
  return { program: found.program, hepRoute: found.hepRoute, text: found.script.source.text };
}
